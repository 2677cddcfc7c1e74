<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
    <context>
        <name>Advisor</name>
        <message>
            <source>Rank</source>
            <translation>順位</translation>
        </message>
        <message>
            <source>Layout</source>
            <translation>配置</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>理由</translation>
        </message>
        <message>
            <source>Step</source>
            <translation>1 ステップ</translation>
        </message>
        <message>
            <source>Servers</source>
            <translation>台数</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>期間</translation>
        </message>
        <message>
            <source>Cost of owning</source>
            <translation>オンプレミス費用</translation>
        </message>
        <message>
            <source>Power of the facility</source>
            <translation>設備電力</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>サーバー</translation>
        </message>
        <message>
            <source>GPU</source>
            <translation>GPU</translation>
        </message>
        <message>
            <source>Remark</source>
            <translation>備考</translation>
        </message>
        <message>
            <source>Layout and why</source>
            <translation>配置と理由</translation>
        </message>
        <message>
            <source>Memory, of {capacity} GB</source>
            <translation>メモリ / {capacity} GB</translation>
        </message>
        <message>
            <source>Current</source>
            <translation>現在</translation>
        </message>
        <message>
            <source>Tight</source>
            <translation>余裕小</translation>
        </message>
        <message>
            <source>Plan</source>
            <translation>構成</translation>
        </message>
        <message>
            <source>Cost</source>
            <translation>費用</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>適用</translation>
        </message>
        <message>
            <source>Add as scenario</source>
            <translation>シナリオに追加</translation>
        </message>
        <message>
            <source>Apply the change that gains most</source>
            <translation>効果が最大の変更を適用</translation>
        </message>
        <message>
            <source>What is the same</source>
            <translation>揃える条件</translation>
        </message>
        <message>
            <source>The current layout is the best of {count} that were tried</source>
            <translation>試した {count} 通りのうち現在の配置が最良</translation>
        </message>
        <message>
            <source>The best of {count} layouts takes {time}</source>
            <translation>{count} 通りのうち最良の配置は {time}</translation>
        </message>
        <message>
            <source>Being computed</source>
            <translation>計算中</translation>
        </message>
        <message>
            <source>What holds it back: share of the calendar time of a step</source>
            <translation>何が律速か：1 ステップの所要時間の内訳</translation>
        </message>
        <message>
            <source>Single changes, each estimated, the best of its kind · click a change to apply it</source>
            <translation>変更を 1 つずつ見積もり、種類ごとに最良のものを表示 · クリックで適用</translation>
        </message>
        <message>
            <source>Searching</source>
            <translation>探索中</translation>
        </message>
        <message>
            <source>{servers}, {gpus}</source>
            <translation>{servers}、{gpus}</translation>
        </message>
        <message>
            <source>yen</source>
            <translation>円</translation>
        </message>
        <message>
            <source>dollars</source>
            <translation>ドル</translation>
        </message>
        <message>
            <source>cost no more than</source>
            <translation>購入・運用費は</translation>
        </message>
        <message>
            <source>draw no more than</source>
            <translation>電力は</translation>
        </message>
        <message>
            <source>kW</source>
            <translation>kW 以内</translation>
        </message>
        <message>
            <source>racks</source>
            <translation>本以内</translation>
        </message>
        <message>
            <source>Servers, network, storage and cooling; empty means any power</source>
            <translation>サーバー、ネットワーク、ストレージ、冷却の合計。空欄なら電力は問いません</translation>
        </message>
        <message>
            <source>Racks for network and storage included; empty means any number</source>
            <translation>ネットワークとストレージのラックを含む。空欄なら本数は問いません</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>探索</translation>
        </message>
        <message>
            <source>Fill in at least one blank.</source>
            <translation>どちらか一方は入力してください。</translation>
        </message>
        <message>
            <source>A goal must be more than zero.</source>
            <translation>目標は 0 より大きい値にしてください。</translation>
        </message>
        <message>
            <source>Change</source>
            <translation>変更</translation>
        </message>
        <message>
            <source>Saves</source>
            <translation>短縮</translation>
        </message>
        <message>
            <source>Share</source>
            <translation>割合</translation>
        </message>
        <message>
            <source>Time then</source>
            <translation>変更後の期間</translation>
        </message>
        <message>
            <source>Same money</source>
            <translation>同じ費用</translation>
        </message>
        <message>
            <source>Same deadline</source>
            <translation>同じ期限</translation>
        </message>
        <message>
            <source>Same power</source>
            <translation>同じ電力</translation>
        </message>
        <message>
            <source>unknown</source>
            <translation>不明</translation>
        </message>
        <message>
            <source>{power} kW</source>
            <translation>{power} kW</translation>
        </message>
        <message>
            <source>Power unknown.</source>
            <translation>消費電力が不明です。</translation>
        </message>
        <message>
            <source>The cost cannot be computed.</source>
            <translation>費用を計算できません。</translation>
        </message>
        <message>
            <source>, </source>
            <translation>、</translation>
        </message>
        <message>
            <source>Not given: {names}.</source>
            <translation>未入力：{names}。</translation>
        </message>
        <message>
            <source>The cost of this plan is unknown, so nothing can be compared with it</source>
            <translation>この構成の費用が不明のため、比較できません</translation>
        </message>
        <message>
            <source>The days of this plan are unknown, so nothing can be compared with them</source>
            <translation>この構成の日数が不明のため、比較できません</translation>
        </message>
        <message>
            <source>The power of this plan is unknown, so nothing can be compared with it</source>
            <translation>この構成の電力が不明のため、比較できません</translation>
        </message>
        <message>
            <source>For the same money, no other server is known to be faster</source>
            <translation>同じ費用では、これより速いと分かるサーバーはありません</translation>
        </message>
        <message>
            <source>By the same deadline, no other server is known to cost less</source>
            <translation>同じ期限では、これより安いと分かるサーバーはありません</translation>
        </message>
        <message>
            <source>For the same power, no other server is known to be faster</source>
            <translation>同じ電力では、これより速いと分かるサーバーはありません</translation>
        </message>
        <message>
            <source>By the same deadline, {server} costs {value} instead of {own}</source>
            <translation>同じ期限なら {server} は {value}（今の構成は {own}）</translation>
        </message>
        <message>
            <source>For the same money, {server} takes {value} instead of {own}</source>
            <translation>同じ費用なら {server} は {value}（今の構成は {own}）</translation>
        </message>
        <message>
            <source>For the same power, {server} takes {value} instead of {own}</source>
            <translation>同じ電力なら {server} は {value}（今の構成は {own}）</translation>
        </message>
        <message>
            <source>The most servers for {amount} of owning over {span} · click a row to add it as a scenario</source>
            <translation>{span}間のオンプレミス費用 {amount}で最多の台数 · クリックでシナリオに追加</translation>
        </message>
        <message>
            <source>The fewest servers that finish within {time} · click a row to add it as a scenario</source>
            <translation>{time}以内に終わる最少の台数 · クリックでシナリオに追加</translation>
        </message>
        <message>
            <source>The most servers within {power} kW of the facility · click a row to add it as a scenario</source>
            <translation>設備電力 {power} kW で最多の台数 · クリックでシナリオに追加</translation>
        </message>
        <message>
            <source>Useful arithmetic</source>
            <translation>有効な演算</translation>
        </message>
        <message>
            <source>Waiting for GPU memory</source>
            <translation>GPU メモリの帯域待ち</translation>
        </message>
        <message>
            <source>Kernel inefficiency</source>
            <translation>カーネルの効率低下</translation>
        </message>
        <message>
            <source>Tensor parallel links</source>
            <translation>テンソル並列の通信</translation>
        </message>
        <message>
            <source>Context parallel links</source>
            <translation>コンテキスト並列の通信</translation>
        </message>
        <message>
            <source>Expert parallel links</source>
            <translation>エキスパート並列の通信</translation>
        </message>
        <message>
            <source>Pipeline links</source>
            <translation>パイプラインの通信</translation>
        </message>
        <message>
            <source>Data parallel links</source>
            <translation>データ並列の通信</translation>
        </message>
        <message>
            <source>Sharded weights on the links</source>
            <translation>分割した重みの通信</translation>
        </message>
        <message>
            <source>Nothing is lost</source>
            <translation>損失はありません</translation>
        </message>
        <message>
            <source>The largest part of the time: {name}, {share}</source>
            <translation>最も時間を使うのは{name}（{share}）</translation>
        </message>
        <message>
            <source>{useful} of the time is useful; the largest loss: {name}, {share}</source>
            <translation>有効な演算は {useful}、最大の損失は{name}の {share}</translation>
        </message>
        <message>
            <source>Price, power and weight entered for the present server do not hold for another and are cleared.</source>
            <translation>現在のサーバーに入力した価格・電力・重量は別のサーバーには使えないため、消去されます。</translation>
        </message>
        <message>
            <source>Little GPU memory is left then.</source>
            <translation>変更後は GPU メモリの余裕がわずかです。</translation>
        </message>
        <message>
            <source>No single change that was tried makes this plan faster</source>
            <translation>試した変更の中に、1 つで速くなるものはありません</translation>
        </message>
        <message>
            <source>GPUs</source>
            <translation>GPU 数</translation>
        </message>
        <message>
            <source>{gpu}, cloud</source>
            <translation>{gpu} クラウド</translation>
        </message>
        <message>
            <source>total cost over {span}, {unit} (log scale)</source>
            <translation>{span}間の総費用、{unit}（対数）</translation>
        </message>
        <message>
            <source>GPUs (log scale)</source>
            <translation>GPU 数（対数）</translation>
        </message>
        <message>
            <source>power of the facility, kW (log scale)</source>
            <translation>設備電力、kW（対数）</translation>
        </message>
        <message>
            <source>Total cost</source>
            <translation>総費用</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>場所</translation>
        </message>
        <message>
            <source>Cooling</source>
            <translation>冷却方式</translation>
        </message>
        <message>
            <source>Unbeaten</source>
            <translation>最良</translation>
        </message>
        <message>
            <source>Cloud</source>
            <translation>クラウド</translation>
        </message>
        <message>
            <source>On-premises</source>
            <translation>オンプレミス</translation>
        </message>
        <message>
            <source>{servers} in the cloud</source>
            <translation>クラウド {servers}</translation>
        </message>
        <message>
            <source>{name} (this plan)</source>
            <translation>{name}（今の構成）</translation>
        </message>
        <message>
            <source>{servers} {server}</source>
            <translation>{server} {servers}</translation>
        </message>
        <message>
            <source>price not given</source>
            <translation>価格未入力</translation>
        </message>
        <message>
            <source>This plan</source>
            <translation>今の構成</translation>
        </message>
        <message>
            <source>Click: use it. Shift+click: add as a scenario.</source>
            <translation>クリックで採用、Shift＋クリックでシナリオに追加</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>○</translation>
        </message>
        <message>
            <source>What is both faster and cheaper than everything else</source>
            <translation>ほかより速く安い選択肢</translation>
        </message>
        <message>
            <source>What is faster than everything else with as many GPUs</source>
            <translation>同じ GPU 数で最も速い選択肢</translation>
        </message>
        <message>
            <source>What is faster than everything else with as much power</source>
            <translation>同じ電力で最も速い選択肢</translation>
        </message>
        <message>
            <source>Nothing that was tried is both faster and cheaper than this plan</source>
            <translation>試した中に、今の構成より速く安いものはない</translation>
        </message>
        <message>
            <source>Nothing that was tried is faster with as few GPUs as this plan</source>
            <translation>試した中に、同じ GPU 数で今の構成より速いものはない</translation>
        </message>
        <message>
            <source>Nothing that was tried is faster with as little power as this plan</source>
            <translation>試した中に、同じ電力で今の構成より速いものはない</translation>
        </message>
        <message>
            <source>For no more money, {plan} takes {time} instead of {own}</source>
            <translation>同じ費用以内で、{plan} なら {own}が {time}に</translation>
        </message>
        <message>
            <source>With no more GPUs, {plan} takes {time} instead of {own}</source>
            <translation>同じ GPU 数以内で、{plan} なら {own}が {time}に</translation>
        </message>
        <message>
            <source>With no more power, {plan} takes {time} instead of {own}</source>
            <translation>同じ電力以内で、{plan} なら {own}が {time}に</translation>
        </message>
        <message>
            <source>From this plan to {name}, each extra {amount} saves {time}</source>
            <translation>今の構成から {name}まで、{amount}ごとに {time}短縮</translation>
        </message>
        <message>
            <source>So far only this plan's server · {words}</source>
            <translation>今のサーバーのみ表示 · {words}</translation>
        </message>
        <message>
            <source>No price: {names}</source>
            <translation>価格未入力：{names}</translation>
        </message>
        <message>
            <source>Power unknown: {names}</source>
            <translation>電力不明：{names}</translation>
        </message>
        <message>
            <source>≤ {days} days</source>
            <translation>≤ {days} 日</translation>
        </message>
        <message>
            <source>by {date}</source>
            <translation>{date} まで</translation>
        </message>
        <message>
            <source>Goal: {limits}</source>
            <translation>目標：{limits}</translation>
        </message>
        <message>
            <source>“{typed}”: {accepted}.</source>
            <translation>「{typed}」：{accepted}。</translation>
        </message>
        <message>
            <source>Kind of limit</source>
            <translation>条件の種類</translation>
        </message>
        <message>
            <source>Find</source>
            <translation>条件を満たす</translation>
        </message>
        <message>
            <source>to</source>
            <translation>を探す：</translation>
        </message>
        <message>
            <source>Limit</source>
            <translation>条件</translation>
        </message>
        <message>
            <source>Add a limit</source>
            <translation>条件を追加</translation>
        </message>
        <message>
            <source>What is sought</source>
            <translation>探す対象</translation>
        </message>
        <message>
            <source>and</source>
            <translation>かつ</translation>
        </message>
        <message>
            <source>,</source>
            <translation>、</translation>
        </message>
        <message>
            <source>the fewest servers</source>
            <translation>最少のサーバー台数</translation>
        </message>
        <message>
            <source>the most servers</source>
            <translation>最多のサーバー台数</translation>
        </message>
        <message>
            <source>the best GPU</source>
            <translation>最適な GPU</translation>
        </message>
        <message>
            <source>the most tokens</source>
            <translation>最多のトークン数</translation>
        </message>
        <message>
            <source>the largest model</source>
            <translation>最大のモデル</translation>
        </message>
        <message>
            <source>Search for {what}</source>
            <translation>{what}を探索</translation>
        </message>
        <message>
            <source>Limit the cost of owning or of renting, not both at once.</source>
            <translation>購入・運用の費用かクラウドの費用のどちらか一方だけを指定してください。</translation>
        </message>
        <message>
            <source>finish within</source>
            <translation>期間は</translation>
        </message>
        <message>
            <source>finish by</source>
            <translation>完了日は</translation>
        </message>
        <message>
            <source>rent for no more than</source>
            <translation>クラウド費用は</translation>
        </message>
        <message>
            <source>need a supply of at most</source>
            <translation>受電容量は</translation>
        </message>
        <message>
            <source>fill no more than</source>
            <translation>ラックは</translation>
        </message>
        <message>
            <source>{currency} over {span}</source>
            <translation>{currency}以内（{span}間）</translation>
        </message>
        <message>
            <source>days</source>
            <translation>日以内</translation>
        </message>
        <message>
            <source>kVA</source>
            <translation>kVA 以内</translation>
        </message>
        <message>
            <source>Calendar days of the training; empty means any duration</source>
            <translation>学習にかかる暦日数。空欄なら制限なし</translation>
        </message>
        <message>
            <source>Counted from the start date of the plan, or from today; owned servers come later</source>
            <translation>プランの開始日（未入力なら今日）から数えます。購入の場合は納期・工期の後に始まります</translation>
        </message>
        <message>
            <source>Cost of owning, for example 1.5B, 1500M or 15億; empty means any cost</source>
            <translation>購入・運用の費用。例：15億、1500M。空欄なら制限なし</translation>
        </message>
        <message>
            <source>Cost of the cloud, for example 1.5B, 1500M or 15億; empty means any cost</source>
            <translation>クラウドの費用。例：15億、1500M。空欄なら制限なし</translation>
        </message>
        <message>
            <source>Apparent power at the utility; empty means any</source>
            <translation>受電容量（皮相電力）。空欄なら制限なし</translation>
        </message>
        <message>
            <source>Continue</source>
            <translation>再開</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>中止</translation>
        </message>
        <message>
            <source>Continue computing</source>
            <translation>計算を再開</translation>
        </message>
        <message>
            <source>Stop computing</source>
            <translation>計算を中止</translation>
        </message>
        <message>
            <source>Computed: {share}</source>
            <translation>計算済み：{share}</translation>
        </message>
        <message>
            <source>Add as scenario {letter}</source>
            <translation>シナリオ {letter} に追加</translation>
        </message>
        <message>
            <source>The plan has changed: searching again</source>
            <translation>プランが変わったため、再探索しています</translation>
        </message>
        <message>
            <source>The search was stopped.</source>
            <translation>探索を中止しました。</translation>
        </message>
        <message>
            <source>Found</source>
            <translation>達成可能</translation>
        </message>
        <message>
            <source>Unknown</source>
            <translation>不明</translation>
        </message>
        <message>
            <source>Not possible</source>
            <translation>達成不可</translation>
        </message>
        <message>
            <source>Up to {amount} tokens</source>
            <translation>最大 {amount} トークン</translation>
        </message>
        <message>
            <source>A model of up to {amount} parameters</source>
            <translation>最大 {amount} パラメータのモデル</translation>
        </message>
        <message>
            <source>At most {plan}</source>
            <translation>最大 {plan}</translation>
        </message>
        <message>
            <source>{time} ({interval})</source>
            <translation>{time}（{interval}）</translation>
        </message>
        <message>
            <source>cost unknown</source>
            <translation>費用不明</translation>
        </message>
        <message>
            <source>{amount} over {span}</source>
            <translation>{span}間で {amount}</translation>
        </message>
        <message>
            <source>{precision} kept</source>
            <translation>{precision} のまま</translation>
        </message>
        <message>
            <source>No plan of this kind is possible</source>
            <translation>この条件で成立するプランはありません</translation>
        </message>
        <message>
            <source>Nearest: {plan}, {figures}</source>
            <translation>最も近いプラン：{plan}、{figures}</translation>
        </message>
        <message>
            <source>Why not more?</source>
            <translation>もっと増やせない理由</translation>
        </message>
        <message>
            <source>Why not larger?</source>
            <translation>もっと大きくできない理由</translation>
        </message>
        <message>
            <source>Why not {count}?</source>
            <translation>{count} 台ではだめな理由</translation>
        </message>
        <message>
            <source>Next best: {names}.</source>
            <translation>次点：{names}。</translation>
        </message>
        <message>
            <source>Limited by: {names}.</source>
            <translation>制約：{names}。</translation>
        </message>
        <message>
            <source>Training from {first} to {last}: {days} days.</source>
            <translation>学習期間：{first} から {last} まで {days} 日。</translation>
        </message>
        <message>
            <source>10 % more of any one limit is not enough.</source>
            <translation>どの条件を10 %緩めても、まだ達成できません。</translation>
        </message>
        <message>
            <source>{servers}, {gpus}, {racks} + {support} racks</source>
            <translation>{servers}、{gpus}、ラック {racks} + {support} 本</translation>
        </message>
        <message>
            <source>time</source>
            <translation>期間</translation>
        </message>
        <message>
            <source>money</source>
            <translation>費用</translation>
        </message>
        <message>
            <source>power</source>
            <translation>電力</translation>
        </message>
        <message>
            <source>utility capacity</source>
            <translation>受電容量</translation>
        </message>
        <message>
            <source>number of racks</source>
            <translation>ラック数</translation>
        </message>
        <message>
            <source>GPU memory</source>
            <translation>GPU メモリ</translation>
        </message>
        <message>
            <source>the hall</source>
            <translation>設備</translation>
        </message>
        <message>
            <source>what the model can be split into</source>
            <translation>モデルの分割</translation>
        </message>
        <message>
            <source>What days are drawn against</source>
            <translation>横軸</translation>
        </message>
        <message>
            <source>{servers}, {gpus}, {precision} · searched in {seconds} s · click to use</source>
            <translation>{servers}、{gpus}、{precision} · {seconds} 秒で探索 · クリックで採用</translation>
        </message>
        <message>
            <source>No plan has a known cost</source>
            <translation>費用がわかるプランがありません</translation>
        </message>
        <message>
            <source>The date must be after {first}, when the training can begin.</source>
            <translation>学習を始められる {first} より後の日付を入れてください。</translation>
        </message>
        <message>
            <source>None of the {count} layouts fits; this one needs the least memory</source>
            <translation>{count} 通りのどれも収まりません。最もメモリが少ない配置</translation>
        </message>
        <message>
            <source>The best of {count} layouts takes {time} instead of {own}</source>
            <translation>{count} 通りの中の最良は {time}（今の構成は {own}）</translation>
        </message>
        <message>
            <source>Use this plan</source>
            <translation>この構成を採用</translation>
        </message>
        <message>
            <source>Line: nothing is faster and cheaper · hollow: cloud</source>
            <translation>線：これより速く安い選択肢がない · 白抜き：クラウド</translation>
        </message>
        <message>
            <source>Line: nothing is faster with as few GPUs</source>
            <translation>線：同じ GPU 数でこれより速い選択肢がない</translation>
        </message>
        <message>
            <source>Line: nothing is faster with as little power</source>
            <translation>線：同じ電力でこれより速い選択肢がない</translation>
        </message>
        <message>
            <source>The present layout does not fit; the best of {count} takes {time}</source>
            <translation>今の配置は収まりません。{count} 通りの中の最良は {time}</translation>
        </message>
        <message>
            <source>{servers}, {gpus} in the cloud</source>
            <translation>クラウド {servers}、{gpus}</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>メモリ</translation>
        </message>
    </context>
    <context>
        <name>Assumptions</name>
        <message>
            <source>Generation of answers</source>
            <translation>応答の生成</translation>
        </message>
        <message>
            <source>not stated</source>
            <translation>指定なし</translation>
        </message>
        <message>
            <source>Catalogue</source>
            <translation>カタログ</translation>
        </message>
        <message>
            <source>Formula</source>
            <translation>計算式</translation>
        </message>
        <message>
            <source>Fitted to runs</source>
            <translation>実測に適合</translation>
        </message>
        <message>
            <source>By you</source>
            <translation>入力</translation>
        </message>
        <message>
            <source>Standard</source>
            <translation>標準値</translation>
        </message>
        <message>
            <source>Money</source>
            <translation>費用</translation>
        </message>
        <message>
            <source>Training</source>
            <translation>学習</translation>
        </message>
        <message>
            <source>Racks and power</source>
            <translation>ラックと電力</translation>
        </message>
        <message>
            <source>Network and storage</source>
            <translation>ネットワークとストレージ</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>メモリ</translation>
        </message>
        <message>
            <source>Sources</source>
            <translation>出典</translation>
        </message>
        <message>
            <source>Overridden</source>
            <translation>上書き</translation>
        </message>
        <message>
            <source>Assumption</source>
            <translation>前提</translation>
        </message>
        <message>
            <source>Value</source>
            <translation>値</translation>
        </message>
        <message>
            <source>Group</source>
            <translation>分類</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>種別</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>出典</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>日付</translation>
        </message>
        <message>
            <source>Grade</source>
            <translation>確度</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>検索</translation>
        </message>
        <message>
            <source>Search the assumptions</source>
            <translation>前提条件を検索</translation>
        </message>
        <message>
            <source>All</source>
            <translation>すべて</translation>
        </message>
        <message>
            <source>Entered by you</source>
            <translation>入力した値</translation>
        </message>
        <message>
            <source>Which assumptions are shown</source>
            <translation>表示する前提条件</translation>
        </message>
        <message>
            <source>Assumptions</source>
            <translation>前提条件</translation>
        </message>
        <message>
            <source>Explain</source>
            <translation>計算の根拠</translation>
        </message>
        <message>
            <source>Open source</source>
            <translation>出典を開く</translation>
        </message>
        <message>
            <source>Change</source>
            <translation>変更</translation>
        </message>
        <message>
            <source>Reset to standard</source>
            <translation>標準に戻す</translation>
        </message>
        <message>
            <source>{first} {second}</source>
            <translation>{first}{second}</translation>
        </message>
        <message>
            <source>Choose a line to see where it comes from.</source>
            <translation>行を選ぶと根拠を表示します。</translation>
        </message>
        <message>
            <source>Unit of the value</source>
            <translation>値の単位</translation>
        </message>
    </context>
    <context>
        <name>ChartFrame</name>
        <message>
            <source>Show as table</source>
            <translation>表で表示</translation>
        </message>
        <message>
            <source>Chart, being computed</source>
            <translation>図（計算中）</translation>
        </message>
        <message>
            <source>Copy picture</source>
            <translation>画像をコピー</translation>
        </message>
        <message>
            <source>Copy table</source>
            <translation>表をコピー</translation>
        </message>
        <message>
            <source>Show as picture</source>
            <translation>図で表示</translation>
        </message>
        <message>
            <source>Save as PNG …</source>
            <translation>PNG で保存…</translation>
        </message>
        <message>
            <source>Save as SVG …</source>
            <translation>SVG で保存…</translation>
        </message>
        <message>
            <source>Save as PDF …</source>
            <translation>PDF で保存…</translation>
        </message>
        <message>
            <source>Save as CSV …</source>
            <translation>CSV で保存…</translation>
        </message>
        <message>
            <source>Pictures</source>
            <translation>画像</translation>
        </message>
        <message>
            <source>Drawings</source>
            <translation>図形</translation>
        </message>
        <message>
            <source>PDF documents</source>
            <translation>PDF 文書</translation>
        </message>
        <message>
            <source>Comma-separated values</source>
            <translation>コンマ区切りの値</translation>
        </message>
        <message>
            <source>Save the picture</source>
            <translation>図の保存</translation>
        </message>
        <message>
            <source>Save the table</source>
            <translation>表の保存</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>適用</translation>
        </message>
        <message>
            <source>Leave as it is</source>
            <translation>そのままにする</translation>
        </message>
        <message>
            <source>Enlarge</source>
            <translation>拡大</translation>
        </message>
        <message>
            <source>Close the large view</source>
            <translation>拡大を閉じる</translation>
        </message>
        <message>
            <source>Zoomed · double click resets</source>
            <translation>拡大中 · ダブルクリックで戻す</translation>
        </message>
    </context>
    <context>
        <name>Charts</name>
        <message>
            <source>Part</source>
            <translation>内訳</translation>
        </message>
        <message>
            <source>Value</source>
            <translation>値</translation>
        </message>
        <message>
            <source>Share</source>
            <translation>割合</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>方式</translation>
        </message>
        <message>
            <source>Servers</source>
            <translation>サーバー</translation>
        </message>
        <message>
            <source>Figure</source>
            <translation>項目</translation>
        </message>
        <message>
            <source>Unit</source>
            <translation>単位</translation>
        </message>
        <message>
            <source>{what}: {old} → {new}</source>
            <translation>{what}：{old} → {new}</translation>
        </message>
        <message>
            <source>, </source>
            <translation>、</translation>
        </message>
        <message>
            <source>Used</source>
            <translation>使用</translation>
        </message>
        <message>
            <source>Limit</source>
            <translation>上限</translation>
        </message>
    </context>
    <context>
        <name>Compare</name>
        <message>
            <source>Only di&amp;fferences</source>
            <translation>違いだけ表示(&amp;F)</translation>
        </message>
        <message>
            <source>Only differences</source>
            <translation>違いだけ表示</translation>
        </message>
        <message>
            <source>Add scenario</source>
            <translation>シナリオを追加</translation>
        </message>
        <message>
            <source>There is one scenario; add another to compare it with</source>
            <translation>シナリオは 1 つです。比べるシナリオを追加してください</translation>
        </message>
        <message>
            <source>{first} {second}</source>
            <translation>{first}{second}</translation>
        </message>
        <message>
            <source>{letter} cannot be computed as it stands.</source>
            <translation>{letter} は今の入力では計算できません。</translation>
        </message>
        <message>
            <source>{letter} does not fit into memory.</source>
            <translation>{letter} はメモリに収まりません。</translation>
        </message>
        <message>
            <source>{letter} cannot be cooled.</source>
            <translation>{letter} は冷やせません。</translation>
        </message>
        <message>
            <source>{letter} lacks a cloud price, so its cloud total is unknown.</source>
            <translation>{letter} はクラウドの価格が未入力のため、クラウドの総費用は不明です。</translation>
        </message>
        <message>
            <source>The racks of {letter} are unknown: power or height of its server is not given.</source>
            <translation>{letter} はサーバーの電力か高さが未入力のため、ラック数が分かりません。</translation>
        </message>
        <message>
            <source>{served} serves, {trained} trains.</source>
            <translation>{served} は推論、{trained} は学習のプランです。</translation>
        </message>
        <message>
            <source>{measure}: {letter} {value}, A {before}.</source>
            <translation>{measure}：{letter} は {value}、A は {before}。</translation>
        </message>
        <message>
            <source>not given</source>
            <translation>未入力</translation>
        </message>
        <message>
            <source>serves</source>
            <translation>推論のプラン</translation>
        </message>
        <message>
            <source>{letter} comes to the same.</source>
            <translation>{letter} は同じ結果です。</translation>
        </message>
        <message>
            <source>Training time</source>
            <translation>学習期間</translation>
        </message>
        <message>
            <source>GPU memory</source>
            <translation>GPU メモリ</translation>
        </message>
        <message>
            <source>Racks, support included</source>
            <translation>ラック（共用を含む）</translation>
        </message>
        <message>
            <source>Fullest rack</source>
            <translation>最大のラック</translation>
        </message>
        <message>
            <source>Hall power</source>
            <translation>施設電力</translation>
        </message>
        <message>
            <source>Energy a year</source>
            <translation>年間電力量</translation>
        </message>
        <message>
            <source>Initial cost, owned</source>
            <translation>初期費用</translation>
        </message>
        <message>
            <source>Total, owned</source>
            <translation>総費用（オンプレミス）</translation>
        </message>
        <message>
            <source>Total, cloud</source>
            <translation>総費用（クラウド）</translation>
        </message>
        <message>
            <source>Break-even</source>
            <translation>損益分岐</translation>
        </message>
        <message>
            <source>cannot be cooled</source>
            <translation>冷やせません</translation>
        </message>
        <message>
            <source>price not given</source>
            <translation>価格未入力</translation>
        </message>
        <message>
            <source>does not fit</source>
            <translation>収まりません</translation>
        </message>
        <message>
            <source>mo</source>
            <translation>か月</translation>
        </message>
        <message>
            <source>standard</source>
            <translation>標準</translation>
        </message>
        <message>
            <source>{value} (standard)</source>
            <translation>{value}（標準）</translation>
        </message>
        <message>
            <source>Compared with A</source>
            <translation>A を基準に比較</translation>
        </message>
        <message>
            <source>{first}; {second}</source>
            <translation>{first}。{second}</translation>
        </message>
        <message>
            <source>Results</source>
            <translation>結果</translation>
        </message>
        <message>
            <source>baseline</source>
            <translation>基準</translation>
        </message>
        <message>
            <source>same</source>
            <translation>同じ</translation>
        </message>
    </context>
    <context>
        <name>Cost</name>
        <message>
            <source>Line</source>
            <translation>費目</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>区分</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>金額</translation>
        </message>
        <message>
            <source>Total</source>
            <translation>合計</translation>
        </message>
        <message>
            <source>Month</source>
            <translation>月</translation>
        </message>
        <message>
            <source>months in service</source>
            <translation>稼働からの月数</translation>
        </message>
        <message>
            <source>cumulative ({unit})</source>
            <translation>累計（{unit}）</translation>
        </message>
        <message>
            <source>{name} {amount}</source>
            <translation>{name} {amount}</translation>
        </message>
        <message>
            <source>Month {month}</source>
            <translation>{month} か月</translation>
        </message>
        <message>
            <source>Utilization {row}, cloud price {column}: {amount}</source>
            <translation>稼働率 {row}、クラウド単価 {column}：{amount}</translation>
        </message>
        <message>
            <source>Quantity</source>
            <translation>項目</translation>
        </message>
        <message>
            <source>Factor</source>
            <translation>要因</translation>
        </message>
        <message>
            <source>Low</source>
            <translation>下限</translation>
        </message>
        <message>
            <source>High</source>
            <translation>上限</translation>
        </message>
        <message>
            <source>Changes the winner</source>
            <translation>結論が変わる</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>はい</translation>
        </message>
        <message>
            <source>no</source>
            <translation>いいえ</translation>
        </message>
        <message>
            <source>Winner changes</source>
            <translation>逆転</translation>
        </message>
        <message>
            <source>{unit} over {span}</source>
            <translation>{unit} / {span}</translation>
        </message>
        <message>
            <source>cloud price not given</source>
            <translation>クラウド単価は未入力</translation>
        </message>
        <message>
            <source>Cumulative, excluding tax · {servers} · {term}, {price} · {rate} yen per dollar</source>
            <translation>累計、税抜 · サーバー {servers} · {term} {price} · {rate} 円/ドル</translation>
        </message>
        <message>
            <source>Cumulative, excluding tax · {servers} · {term}, {price}</source>
            <translation>累計、税抜 · サーバー {servers} · {term} {price}</translation>
        </message>
        <message>
            <source>No price of owning is known yet</source>
            <translation>オンプレミスの価格はまだ分かっていません</translation>
        </message>
        <message>
            <source>The largest known part of owning: {line}</source>
            <translation>オンプレミスで分かっている最大の費目は{line}</translation>
        </message>
        <message>
            <source>{share} % of owning: {line}</source>
            <translation>オンプレミスの {share} % は{line}</translation>
        </message>
        <message>
            <source>Not in it, because not given: {names}</source>
            <translation>未入力のため含まれない費目：{names}</translation>
        </message>
        <message>
            <source>By line, excluding consumption tax</source>
            <translation>費目別、税抜</translation>
        </message>
        <message>
            <source>Base {amount}</source>
            <translation>基準 {amount}</translation>
        </message>
        <message>
            <source>No single factor changes which side is cheaper</source>
            <translation>1 つの要因だけでは結論は変わらない</translation>
        </message>
        <message>
            <source>Only one factor can change the conclusion: {factor}</source>
            <translation>結論を変えうるのは{factor}だけ</translation>
        </message>
        <message>
            <source>What owning saves ({unit}) · one factor moved at a time</source>
            <translation>オンプレミスで節約できる額（{unit}）· 1 要因ずつ動かした範囲</translation>
        </message>
        <message>
            <source>rows: utilization</source>
            <translation>縦：稼働率</translation>
        </message>
        <message>
            <source>Owning cheaper</source>
            <translation>オンプレミス有利</translation>
        </message>
        <message>
            <source>Cloud cheaper</source>
            <translation>クラウド有利</translation>
        </message>
        <message>
            <source>cloud price, {unit} per instance</source>
            <translation>クラウド単価 {unit}（1 台）</translation>
        </message>
        <message>
            <source>At {price} {unit}, renting is cheaper at any use</source>
            <translation>{price} {unit}なら、どの稼働率でもクラウドが有利</translation>
        </message>
        <message>
            <source>At {price} {unit}, owning wins from {share} % use</source>
            <translation>{price} {unit}なら、稼働率 {share} % からオンプレミスが有利</translation>
        </message>
        <message>
            <source>What owning saves over {span} ({unit}) · the thick line is the break-even</source>
            <translation>{span}間の差額（{unit}）· 太線が損益分岐</translation>
        </message>
        <message>
            <source>Cloud</source>
            <translation>クラウド</translation>
        </message>
        <message>
            <source>On-premises</source>
            <translation>オンプレミス</translation>
        </message>
        <message>
            <source>Saving</source>
            <translation>節約額</translation>
        </message>
        <message>
            <source>Owning is cheaper in {share} % of the simulated cases</source>
            <translation>試行の {share} % でオンプレミスが安い</translation>
        </message>
        <message>
            <source>{draws} draws · bands from P10 to P90 · break-even month {low}, {middle}, {high}</source>
            <translation>{draws} 回の試行 · 帯は P10 〜 P90 · 損益分岐 {low}、{middle}、{high} か月</translation>
        </message>
        <message>
            <source>{draws} draws · bands from P10 to P90 · no break-even</source>
            <translation>{draws} 回の試行 · 帯は P10 〜 P90 · 逆転なし</translation>
        </message>
        <message>
            <source>{what}, cloud</source>
            <translation>{what}（クラウド）</translation>
        </message>
        <message>
            <source>{what}, owned</source>
            <translation>{what}（自社）</translation>
        </message>
        <message>
            <source>Per M tokens</source>
            <translation>百万トークン</translation>
        </message>
        <message>
            <source>GPU hour</source>
            <translation>GPU 時間</translation>
        </message>
        <message>
            <source>Per training</source>
            <translation>学習 1 回</translation>
        </message>
        <message>
            <source>Saving, present value</source>
            <translation>節約額の現在価値</translation>
        </message>
        <message>
            <source>Break-even use</source>
            <translation>損益分岐の稼働率</translation>
        </message>
        <message>
            <source>Owning pays from {share} % use</source>
            <translation>稼働率 {share} % からオンプレミスが有利</translation>
        </message>
        <message>
            <source>There is no break-even utilization</source>
            <translation>損益分岐となる稼働率はない</translation>
        </message>
        <message>
            <source>The break-even utilization is not known yet</source>
            <translation>損益分岐となる稼働率はまだ決まらない</translation>
        </message>
        <message>
            <source>Equal useful work on both sides</source>
            <translation>両者で同じ有効な計算量あたり</translation>
        </message>
        <message>
            <source>Fiscal year</source>
            <translation>年度</translation>
        </message>
        <message>
            <source>Months</source>
            <translation>月数</translation>
        </message>
        <message>
            <source>Cloud, cash</source>
            <translation>クラウド（現金）</translation>
        </message>
        <message>
            <source>Owned, cash</source>
            <translation>自社（現金）</translation>
        </message>
        <message>
            <source>Owned, expense</source>
            <translation>自社（損益）</translation>
        </message>
        <message>
            <source>Depreciation</source>
            <translation>減価償却</translation>
        </message>
        <message>
            <source>Book value</source>
            <translation>簿価</translation>
        </message>
        <message>
            <source>The first fiscal year takes {amount}</source>
            <translation>初年度の支出は {amount}</translation>
        </message>
        <message>
            <source>Year by year</source>
            <translation>年度別</translation>
        </message>
        <message>
            <source>Cash and expense by fiscal year ({unit}), excluding tax that is credited</source>
            <translation>年度別の現金支出と損益（{unit}）、控除される税を除く</translation>
        </message>
        <message>
            <source>not given</source>
            <translation>未入力</translation>
        </message>
        <message>
            <source>{line} (not priced, left out)</source>
            <translation>{line}（未見積・合計外）</translation>
        </message>
        <message>
            <source>On demand</source>
            <translation>オンデマンド</translation>
        </message>
        <message>
            <source>Reserved 1 y</source>
            <translation>1年予約</translation>
        </message>
        <message>
            <source>Reserved 3 y</source>
            <translation>3年予約</translation>
        </message>
        <message>
            <source>Spot</source>
            <translation>スポット</translation>
        </message>
        <message>
            <source>Lease</source>
            <translation>リース</translation>
        </message>
        <message>
            <source>Own hall</source>
            <translation>自社ホール</translation>
        </message>
        <message>
            <source>Colocation</source>
            <translation>コロケーション</translation>
        </message>
        <message>
            <source>Break-even, month {month}</source>
            <translation>{month} か月目に逆転</translation>
        </message>
        <message>
            <source>Catches up, month {month}</source>
            <translation>{month} か月目に追いつく</translation>
        </message>
        <message>
            <source>{name}: month {month}</source>
            <translation>{name}なら {month} か月目</translation>
        </message>
        <message>
            <source>No price is known yet, so there is nothing to compare.</source>
            <translation>価格がまだ分からないため、比較できません。</translation>
        </message>
        <message>
            <source>Owning catches up on the way, but costs more over all {months} months</source>
            <translation>途中で一度は追いつくが、{months} か月の合計ではオンプレミスが高い</translation>
        </message>
        <message>
            <source>Owning is cheaper from the first month</source>
            <translation>初月からオンプレミスが安い</translation>
        </message>
        <message>
            <source>At {share} % use, owning is cheaper from month {month}</source>
            <translation>稼働率 {share} % なら {month} か月目にオンプレミスが安くなる</translation>
        </message>
        <message>
            <source>Prices are missing on both sides, so they cannot be compared yet</source>
            <translation>双方に未入力の価格があり、まだ比較できない</translation>
        </message>
        <message>
            <source>Owning costs {amount}; the cloud price is missing</source>
            <translation>オンプレミスは {amount}、クラウドの価格は未入力</translation>
        </message>
        <message>
            <source>The cloud costs {amount}; prices of owning are missing</source>
            <translation>クラウドは {amount}、オンプレミスの価格は未入力</translation>
        </message>
        <message>
            <source>Owning is cheaper throughout the {months} months</source>
            <translation>{months} か月を通してオンプレミスが安い</translation>
        </message>
        <message>
            <source>At {share} % use, renting stays cheaper for all {months} months</source>
            <translation>稼働率 {share} % なら {months} か月間ずっとクラウドが安い</translation>
        </message>
        <message>
            <source>Difference {amount}</source>
            <translation>差額 {amount}</translation>
        </message>
        <message>
            <source>P10 to P90: {low} to {high}</source>
            <translation>P10〜P90：{low}〜{high}</translation>
        </message>
        <message>
            <source>Saving at low</source>
            <translation>低い値での差額</translation>
        </message>
        <message>
            <source>Saving at high</source>
            <translation>高い値での差額</translation>
        </message>
    </context>
    <context>
        <name>Explain</name>
        <message>
            <source>From a catalogue record</source>
            <translation>カタログの記録</translation>
        </message>
        <message>
            <source>Computed by a published rule</source>
            <translation>公表された式による計算</translation>
        </message>
        <message>
            <source>Rests on constants fitted to measured runs</source>
            <translation>実測に合わせた定数による予測</translation>
        </message>
        <message>
            <source>Entered by you</source>
            <translation>入力された値</translation>
        </message>
        <message>
            <source>Documented standard value</source>
            <translation>文書化された標準値</translation>
        </message>
        <message>
            <source>{size} GB</source>
            <translation>{size} GB</translation>
        </message>
        <message>
            <source>80 % interval {interval}</source>
            <translation>80 % 区間 {interval}</translation>
        </message>
        <message>
            <source>grade {grade}</source>
            <translation>確度 {grade}</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>閉じる</translation>
        </message>
    </context>
    <context>
        <name>Findings</name>
        <message>
            <source>TTFT {ttft} s · TPOT {tpot} ms · {servers}</source>
            <translation>TTFT {ttft} 秒 · TPOT {tpot} ms · {servers}</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>適用</translation>
        </message>
        <message>
            <source>Apply: {remedy}</source>
            <translation>適用：{remedy}</translation>
        </message>
        <message>
            <source>recommended</source>
            <translation>推奨</translation>
        </message>
        <message>
            <source>cannot be computed</source>
            <translation>計算できません</translation>
        </message>
        <message>
            <source>{used} of {capacity} GB</source>
            <translation>{used} / {capacity} GB</translation>
        </message>
        <message>
            <source>still cannot be cooled</source>
            <translation>まだ冷やせません</translation>
        </message>
        <message>
            <source>{servers} a rack · {racks} · PUE {pue}</source>
            <translation>1 本に {servers} 台 · ラック {racks} · PUE {pue}</translation>
        </message>
        <message>
            <source>{memory} · {time}</source>
            <translation>{memory} · {time}</translation>
        </message>
    </context>
    <context>
        <name>Memory</name>
        <message>
            <source>Weights</source>
            <translation>重み</translation>
        </message>
        <message>
            <source>Gradients</source>
            <translation>勾配</translation>
        </message>
        <message>
            <source>Optimizer states</source>
            <translation>オプティマイザ状態</translation>
        </message>
        <message>
            <source>Activations</source>
            <translation>アクティベーション</translation>
        </message>
        <message>
            <source>Buffers</source>
            <translation>バッファ</translation>
        </message>
        <message>
            <source>Reserve</source>
            <translation>予備</translation>
        </message>
        <message>
            <source>{part}: {size} {unit}</source>
            <translation>{part}：{size} {unit}</translation>
        </message>
        <message>
            <source>{share} of the capacity</source>
            <translation>容量の {share}</translation>
        </message>
        <message>
            <source>Case</source>
            <translation>ケース</translation>
        </message>
        <message>
            <source>This plan</source>
            <translation>今の構成</translation>
        </message>
        <message>
            <source>Capacity</source>
            <translation>容量</translation>
        </message>
        <message>
            <source>{size} {unit}</source>
            <translation>{size} {unit}</translation>
        </message>
        <message>
            <source>{size} spare</source>
            <translation>余裕 {size}</translation>
        </message>
        <message>
            <source>Total {size} {unit}</source>
            <translation>合計 {size} {unit}</translation>
        </message>
        <message>
            <source>Tight from {size}</source>
            <translation>{size} から余裕小</translation>
        </message>
        <message>
            <source>Capacity {size} {unit}</source>
            <translation>容量 {size} {unit}</translation>
        </message>
        <message>
            <source>Part</source>
            <translation>内訳</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大きさ</translation>
        </message>
        <message>
            <source>How</source>
            <translation>根拠</translation>
        </message>
        <message>
            <source>Unit of memory</source>
            <translation>メモリの単位</translation>
        </message>
        <message>
            <source>{first} and {second} take {part} of the {total} {unit} used; it fits</source>
            <translation>{first}と{second}が {part} {unit} を占め、合計 {total} {unit} で容量に収まる</translation>
        </message>
        <message>
            <source>Peak of one GPU · pipeline stage {stage} of {stages}, the heaviest · {precision}, {optimizer}, recompute {recompute}</source>
            <translation>GPU 1 枚あたりの最大使用量 · パイプライン段 {stage} / {stages}（最も重い段）· {precision}、{optimizer}、再計算 {recompute}</translation>
        </message>
        <message>
            <source>Peak of one GPU · {precision}, {optimizer}, recompute {recompute}</source>
            <translation>GPU 1 枚あたりの最大使用量 · {precision}、{optimizer}、再計算 {recompute}</translation>
        </message>
        <message>
            <source>{share} · {micro} × {length} tokens</source>
            <translation>{share} · {micro} 系列 × {length}</translation>
        </message>
        <message>
            <source>{share} · over {shards} GPUs</source>
            <translation>{share} · {shards} GPU で分割</translation>
        </message>
        <message>
            <source>{share} of the total</source>
            <translation>合計の {share}</translation>
        </message>
        <message>
            <source>{change}, the peak</source>
            <translation>{change}（最大）</translation>
        </message>
        <message>
            <source>The peak comes at “{moment}”</source>
            <translation>最大になるのは「{moment}」のとき</translation>
        </message>
        <message>
            <source>What is held in each phase of one step</source>
            <translation>1 ステップの各時点で確保される量</translation>
        </message>
        <message>
            <source>does not fit</source>
            <translation>収まらない</translation>
        </message>
        <message>
            <source>chosen</source>
            <translation>選択中</translation>
        </message>
        <message>
            <source>Data parallel {size} · everything else as it is · click a bar to use it</source>
            <translation>データ並列 {size} · ほかの条件は同じ · クリックで採用</translation>
        </message>
        <message>
            <source>No ZeRO stage makes this layout fit</source>
            <translation>どの ZeRO でもこの配置は収まらない</translation>
        </message>
        <message>
            <source>ZeRO-{stage} is the fastest that fits</source>
            <translation>ZeRO-{stage} が収まる中で最も速い</translation>
        </message>
        <message>
            <source>ZeRO-{stage} is the mildest that fits</source>
            <translation>ZeRO-{stage} が収まる中で最も軽い分割</translation>
        </message>
        <message>
            <source>ZeRO-{stage} would fit and shard less</source>
            <translation>ZeRO-{stage} でも収まり、分割は少なくて済む</translation>
        </message>
        <message>
            <source>Stage</source>
            <translation>段</translation>
        </message>
        <message>
            <source>Total</source>
            <translation>合計</translation>
        </message>
        <message>
            <source>Spare, {unit}</source>
            <translation>余裕 {unit}</translation>
        </message>
        <message>
            <source>Stage {number} (heaviest)</source>
            <translation>段 {number}（最も重い）</translation>
        </message>
        <message>
            <source>Stages {first} to {last}</source>
            <translation>段 {first} 〜 {last}</translation>
        </message>
        <message>
            <source>Stage {number}</source>
            <translation>段 {number}</translation>
        </message>
        <message>
            <source>Stage {number} of the pipeline sets the peak</source>
            <translation>最大値を決めるのはパイプラインの段 {number}</translation>
        </message>
        <message>
            <source>Each stage's own peak, {unit} per GPU</source>
            <translation>段ごとの最大使用量、GPU 1 枚あたり {unit}</translation>
        </message>
        <message>
            <source>The memory of this GPU is not known</source>
            <translation>この GPU のメモリ容量は不明</translation>
        </message>
        <message>
            <source>{spare} {unit} more than a GPU has</source>
            <translation>GPU の容量を {spare} {unit} 超える</translation>
        </message>
        <message>
            <source>{used} of {capacity} {unit} used, only {spare} {unit} to spare</source>
            <translation>{capacity} {unit} のうち {used} {unit} を使い、余裕は {spare} {unit} だけ</translation>
        </message>
        <message>
            <source>{used} {unit} used, {spare} {unit} to spare</source>
            <translation>{used} {unit} を使い、{spare} {unit} の余裕が残る</translation>
        </message>
        <message>
            <source>Spare</source>
            <translation>余裕</translation>
        </message>
    </context>
    <context>
        <name>Overview</name>
        <message>
            <source>One step, {time}</source>
            <translation>1 ステップ {time}</translation>
        </message>
        <message>
            <source>MFU {share}</source>
            <translation>MFU {share}</translation>
        </message>
        <message>
            <source>Per GPU, heaviest pipeline stage</source>
            <translation>GPU 1 枚あたり · 最も重いパイプライン段</translation>
        </message>
        <message>
            <source>Per GPU</source>
            <translation>GPU 1 枚あたり</translation>
        </message>
        <message>
            <source>Training days against GPUs · the band is the 80 % interval</source>
            <translation>学習日数と GPU 数 · 帯は 80 % 区間</translation>
        </message>
        <message>
            <source>kVA per rack ({limit} allowed) · {cooling}</source>
            <translation>kVA / ラック（許容 {limit}）· {cooling}</translation>
        </message>
            <message>
            <source>Each has a remedy; the figures beside it show what you would get.</source>
            <translation>それぞれに対策があります。横の数字は適用した場合の結果です。</translation>
        </message>
        <message>
            <source>Apply all recommended</source>
            <translation>推奨をすべて適用</translation>
        </message>
        <message>
            <source>kVA per rack against each method's limit</source>
            <translation>方式ごとの 1 ラックの kVA と上限</translation>
        </message>
        <message>
            <source>This plan</source>
            <translation>今の構成</translation>
        </message>
        <message>
            <source>“{remedy}” brings memory down to {used} GB</source>
            <translation>「{remedy}」で {used} GB に収まります</translation>
        </message>
        <message>
            <source>GB per GPU, heaviest pipeline stage, with each remedy</source>
            <translation>対策ごとの GPU 1 枚あたり GB · 最も重いパイプライン段</translation>
        </message>
        <message>
            <source>{size} free</source>
            <translation>余裕 {size}</translation>
        </message>
        <message>
            <source>{size} too much</source>
            <translation>{size} 超過</translation>
        </message>
    <message>
        <source>Cumulative, excl. tax</source>
        <translation>累計、税抜</translation>
    </message>
</context>
    <context>
        <name>Plurals</name>
        <message numerus="yes">
            <source>%n server(s)</source>
            <translation>
                <numerusform>%n 台</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n GPU(s)</source>
            <translation>
                <numerusform>%n GPU</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n server(s) a rack</source>
            <translation>
                <numerusform>1 本に %n 台</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>One rack holds all %n server(s)</source>
            <translation>
                <numerusform>%n 台が 1 ラックに収まる</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more rack(s) for other servers</source>
            <translation>
                <numerusform>他のサーバー用に %n ラック</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n server(s) a rack; one more would exceed: {limit}</source>
            <translation>
                <numerusform>1 ラックに %n 台。もう 1 台は上限を超える：{limit}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Cooling methods compared · %n server(s) · click to use</source>
            <translation>
                <numerusform>冷却方式の比較 · サーバー %n 台 · クリックで採用</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n switch(es) join the GPUs</source>
            <translation>
                <numerusform>スイッチ %n 台で GPU をつなぐ</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n thing(s) stand in the way of this plan</source>
            <translation>
                <numerusform>この構成には %n 件の問題がある</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n month(s)</source>
            <translation>
                <numerusform>%n か月</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n year(s)</source>
            <translation>
                <numerusform>%n 年</numerusform>
            </translation>
        </message>
        <message>
            <source>{years}-year</source>
            <translation>{years} 年</translation>
        </message>
        <message>
            <source>{months}-month</source>
            <translation>{months} か月</translation>
        </message>
        <message numerus="yes">
            <source>Not in it, because not given: {names} and %n more</source>
            <translation>
                <numerusform>未入力のため含まれない費目：{names} ほか %n 件</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n factor(s) can change the conclusion, first: {factor}</source>
            <translation>
                <numerusform>結論を変えうる要因は %n 個、筆頭は{factor}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n input(s) differ</source>
            <translation>
                <numerusform>入力の違いは %n 項目</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n other(s) are the same</source>
            <translation>
                <numerusform>ほか %n 項目は同じ</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n value(s) not given.</source>
            <translation>
                <numerusform>未入力は %n 件。</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n kind(s) of GPU of unknown power</source>
            <translation>
                <numerusform>電力不明の GPU が %n 種類</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n kind(s) of GPU without a price</source>
            <translation>
                <numerusform>価格未入力の GPU が %n 種類</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Racks</name>
        <message>
            <source>kVA per rack</source>
            <translation>kVA / ラック</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>方式</translation>
        </message>
        <message>
            <source>Limit</source>
            <translation>上限</translation>
        </message>
        <message>
            <source>Servers a rack</source>
            <translation>台 / ラック</translation>
        </message>
        <message>
            <source>Racks</source>
            <translation>ラック</translation>
        </message>
        <message>
            <source>PUE</source>
            <translation>PUE</translation>
        </message>
        <message>
            <source>Method · rack limit</source>
            <translation>方式 · ラック許容</translation>
        </message>
        <message>
            <source>Servers</source>
            <translation>台 / 本</translation>
        </message>
        <message>
            <source>Heat, kW: air · liquid</source>
            <translation>熱 kW 空気・液体</translation>
        </message>
        <message>
            <source>Cannot cool</source>
            <translation>冷やせない</translation>
        </message>
        <message>
            <source>air {kw}</source>
            <translation>空気 {kw}</translation>
        </message>
        <message>
            <source>liquid {kw}</source>
            <translation>液体 {kw}</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>用途</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>サーバー</translation>
        </message>
        <message>
            <source>Switch</source>
            <translation>スイッチ</translation>
        </message>
        <message>
            <source>Storage</source>
            <translation>ストレージ</translation>
        </message>
        <message>
            <source>Management</source>
            <translation>管理</translation>
        </message>
        <message>
            <source>Coolant distribution</source>
            <translation>冷却液分配</translation>
        </message>
        <message>
            <source>Blank</source>
            <translation>空き</translation>
        </message>
        <message>
            <source>U{first}</source>
            <translation>U{first}</translation>
        </message>
        <message>
            <source>U{first} to U{last}, {height}U</source>
            <translation>U{first} 〜 U{last}、{height}U</translation>
        </message>
        <message>
            <source>Rack</source>
            <translation>ラック</translation>
        </message>
        <message>
            <source>Count</source>
            <translation>本数</translation>
        </message>
        <message>
            <source>kVA</source>
            <translation>kVA</translation>
        </message>
        <message>
            <source>Air</source>
            <translation>空気</translation>
        </message>
        <message>
            <source>Liquid</source>
            <translation>液体</translation>
        </message>
        <message>
            <source>{name} × {count}</source>
            <translation>{name} × {count}</translation>
        </message>
        <message>
            <source>{what}: {value}</source>
            <translation>{what}：{value}</translation>
        </message>
        <message>
            <source>{spare} left to the limit</source>
            <translation>上限まで残り {spare}</translation>
        </message>
        <message>
            <source>No rack can be drawn: the servers cannot be placed.</source>
            <translation>サーバーを設置できないため、ラックを描けません。</translation>
        </message>
        <message>
            <source>kVA used in the fullest rack; the line is the limit</source>
            <translation>最大のラックの kVA · 縦線は上限</translation>
        </message>
        <message>
            <source>{server} {units}U</source>
            <translation>{server} {units}U</translation>
        </message>
        <message>
            <source>Front view, {units}U · the vertical lines are limits</source>
            <translation>前面図 {units}U · 縦線は上限</translation>
        </message>
        <message>
            <source>{kva} kVA</source>
            <translation>{kva} kVA</translation>
        </message>
        <message>
            <source>Utility</source>
            <translation>受電容量</translation>
        </message>
        <message>
            <source>Of {hall} kW, {it} kW reach the computers</source>
            <translation>{hall} kW のうち {it} kW が計算機に届く</translation>
        </message>
        <message>
            <source>The power of the hall is not known</source>
            <translation>ホールの電力は不明</translation>
        </message>
        <message>
            <source>Power of the hall at full load · PUE {pue} · {water} m³ of water a year</source>
            <translation>最大負荷時のホールの電力 · PUE {pue} · 水 年間 {water} m³</translation>
        </message>
        <message>
            <source>No method of this list cools these servers</source>
            <translation>このサーバーを冷やせる方式はない</translation>
        </message>
        <message>
            <source>This method would cool them in {racks} racks: {method}</source>
            <translation>{method}なら {racks} ラックで冷やせる</translation>
        </message>
        <message>
            <source>No method needs fewer racks; the lowest PUE is {pue}: {method}</source>
            <translation>ラックは今が最少。PUE が最も低いのは{method}の {pue}</translation>
        </message>
        <message>
            <source>No method needs fewer racks</source>
            <translation>ラックは今の方式が最少</translation>
        </message>
        <message>
            <source>One rack would do: {method}, PUE {pue}</source>
            <translation>{method}なら 1 ラック、PUE は {pue}</translation>
        </message>
        <message>
            <source>{racks} racks would do: {method}, PUE {pue}</source>
            <translation>{method}なら {racks} ラック、PUE は {pue}</translation>
        </message>
        <message>
            <source>The hall needs {kw} kW</source>
            <translation>ホール全体では {kw} kW</translation>
        </message>
        <message>
            <source>The hall needs {kw} kW: {tariff}</source>
            <translation>ホール全体では {kw} kW、{tariff}受電の範囲</translation>
        </message>
        <message>
            <source>{racks} compute + {support} network and storage racks · power factor {factor}</source>
            <translation>計算ラック {racks} 本 ＋ ネットワーク・ストレージ {support} 本 · 力率 {factor}</translation>
        </message>
        <message>
            <source>Switches</source>
            <translation>スイッチ</translation>
        </message>
        <message>
            <source>Cables</source>
            <translation>ケーブル</translation>
        </message>
        <message>
            <source>Cable, mean</source>
            <translation>ケーブル平均</translation>
        </message>
        <message>
            <source>Switch power</source>
            <translation>スイッチ電力</translation>
        </message>
        <message>
            <source>Write rate</source>
            <translation>書き込み速度</translation>
        </message>
        <message>
            <source>Checkpoint</source>
            <translation>チェックポイント</translation>
        </message>
        <message>
            <source>Save every</source>
            <translation>保存間隔</translation>
        </message>
        <message>
            <source>min</source>
            <translation>分</translation>
        </message>
        <message>
            <source>One server needs no fabric</source>
            <translation>サーバー 1 台ならファブリックは不要</translation>
        </message>
        <message>
            <source>Fabric and storage for this plan</source>
            <translation>この構成のファブリックとストレージ</translation>
        </message>
        <message>
            <source>{need} {unit} needed</source>
            <translation>{need} {unit} 必要</translation>
        </message>
        <message>
            <source>{kva} kVA · limit: {limit}</source>
            <translation>{kva} kVA · 上限は {limit}</translation>
        </message>
        <message>
            <source>Click to use it</source>
            <translation>クリックで採用</translation>
        </message>
        <message>
            <source>this plan</source>
            <translation>今の構成</translation>
        </message>
        <message>
            <source>{unit} a year</source>
            <translation>{unit}/年</translation>
        </message>
        <message>
            <source>IT power, peak</source>
            <translation>IT 最大電力</translation>
        </message>
        <message>
            <source>Hall power</source>
            <translation>施設電力</translation>
        </message>
        <message>
            <source>Energy a year</source>
            <translation>年間電力量</translation>
        </message>
        <message>
            <source>Electricity</source>
            <translation>電気料金</translation>
        </message>
        <message>
            <source>CO₂</source>
            <translation>CO₂</translation>
        </message>
        <message>
            <source>t a year</source>
            <translation>t/年</translation>
        </message>
        <message>
            <source>Water</source>
            <translation>水</translation>
        </message>
        <message>
            <source>m³ a year</source>
            <translation>m³/年</translation>
        </message>
        <message>
            <source>GPU servers</source>
            <translation>GPU サーバー</translation>
        </message>
        <message>
            <source>Network, storage</source>
            <translation>ネットワーク・ストレージ</translation>
        </message>
        <message>
            <source>Spare, other servers</source>
            <translation>予備・その他のサーバー</translation>
        </message>
        <message>
            <source>Cooling, UPS, losses</source>
            <translation>冷却・UPS・損失</translation>
        </message>
        <message>
            <source>{method} cannot carry a single server</source>
            <translation>{method}では 1 台も冷やせない</translation>
        </message>
        <message>
            <source>One server in each of {racks} racks; {limit} sets the limit</source>
            <translation>{racks} ラックに 1 台ずつ、上限は {limit}</translation>
        </message>
        <message>
            <source>{servers} servers in each of {racks} racks; {limit} sets the limit</source>
            <translation>{racks} ラックに {servers} 台ずつ、上限は {limit}</translation>
        </message>
        <message>
            <source>{title}; {more}</source>
            <translation>{title}、{more}</translation>
        </message>
        <message>
            <source>{racks} racks with up to {servers} servers; {limit} sets the limit</source>
            <translation>{racks} ラックに最大 {servers} 台ずつ、上限は {limit}</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>負荷</translation>
        </message>
        <message>
            <source>Load limit</source>
            <translation>負荷の上限</translation>
        </message>
        <message>
            <source>Air limit</source>
            <translation>空気の上限</translation>
        </message>
        <message>
            <source>Liquid limit</source>
            <translation>液体の上限</translation>
        </message>
        <message>
            <source>Power</source>
            <translation>電力</translation>
        </message>
    </context>
    <context>
        <name>Tabs</name>
        <message>
            <source>Overview</source>
            <translation>概要</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>メモリ</translation>
        </message>
        <message>
            <source>Training time</source>
            <translation>学習時間</translation>
        </message>
        <message>
            <source>Racks &amp; cooling</source>
            <translation>ラックと冷却</translation>
        </message>
        <message>
            <source>Cost</source>
            <translation>費用</translation>
        </message>
        <message>
            <source>Advisor</source>
            <translation>最適化</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>比較</translation>
        </message>
        <message>
            <source>Assumptions</source>
            <translation>前提条件</translation>
        </message>
        <message>
            <source>Serving</source>
            <translation>推論</translation>
        </message>


    </context>
    <context>
        <name>Training</name>
        <message>
            <source>Training is not part of this plan</source>
            <translation>この計画に学習は含まれていません</translation>
        </message>
        <message>
            <source>A scenario of its own keeps the serving; tokens, lengths and a deadline decide the rest</source>
            <translation>推論の計画はそのままに別のシナリオとして追加でき、トークン数・系列長・期限から残りを求めます</translation>
        </message>
        <message>
            <source>Add a scenario that trains this model</source>
            <translation>このモデルを学習するシナリオを追加</translation>
        </message>
        <message>
            <source>GPUs</source>
            <translation>GPU 数</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>期間</translation>
        </message>
        <message>
            <source>80 % interval, days</source>
            <translation>80 % 区間（日）</translation>
        </message>
        <message>
            <source>does not fit</source>
            <translation>収まらない</translation>
        </message>
        <message>
            <source>There is no count of GPUs here on which this model fits.</source>
            <translation>このモデルが収まる GPU 数は、この範囲にありません。</translation>
        </message>
        <message>
            <source>GPUs (log scale)</source>
            <translation>GPU 数（対数）</translation>
        </message>
        <message>
            <source>days (log scale)</source>
            <translation>日（対数）</translation>
        </message>
        <message>
            <source>{gpus} (this plan)</source>
            <translation>{gpus}（今の構成）</translation>
        </message>
        <message>
            <source>From {gpus} GPUs, doubling costs</source>
            <translation>{gpus} GPU から先は 2 倍にすると</translation>
        </message>
        <message>
            <source>{share} % more GPU hours</source>
            <translation>GPU 時間が {share} % 増える</translation>
        </message>
        <message>
            <source>{model} does not fit on {gpus}.</source>
            <translation>{model} は {gpus} に収まりません。</translation>
        </message>
        <message>
            <source>{model} on {gpus}: {time}</source>
            <translation>{model}、{gpus}：{time}</translation>
        </message>
        <message>
            <source>80 % interval {interval} days</source>
            <translation>80 % 区間 {interval} 日</translation>
        </message>
        <message>
            <source>Click to use it</source>
            <translation>クリックで採用</translation>
        </message>
        <message>
            <source>Days against GPUs · band: 80 % of unseen runs ({near} published runs near) · dotted: perfect scaling</source>
            <translation>学習日数と GPU 数 · 帯：未知の実行の 80 % が入る範囲、近い公表実測 {near} 件 · 点線：理想</translation>
        </message>
        <message>
            <source>More GPUs pay to the end of this range</source>
            <translation>この範囲では GPU を増やす効果が最後まで続く</translation>
        </message>
        <message>
            <source>This plan is already past the point where more GPUs pay</source>
            <translation>この構成は、増やす効果がある台数をすでに超えている</translation>
        </message>
        <message>
            <source>More GPUs pay up to about {gpus}</source>
            <translation>GPU を増やす効果が続くのは約 {gpus} 基まで</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>モデル</translation>
        </message>
        <message>
            <source>{model} does not fit on {gpus} as it is laid out</source>
            <translation>{model} は今の配置では {gpus} に収まらない</translation>
        </message>
        <message>
            <source>{model} does not finish on {gpus}</source>
            <translation>{model} は {gpus} では終わらない</translation>
        </message>
        <message>
            <source>{model} on {gpus} takes {time}; {more} GPUs cut it to {less}</source>
            <translation>{model} は {gpus} で {time}、{more} GPU なら {less}</translation>
        </message>
        <message>
            <source>{model} on {gpus} takes {time}</source>
            <translation>{model} は {gpus} で {time}</translation>
        </message>
        <message>
            <source>Days to train {tokens} tokens · {gpu}, {precision} · best layout for each · click to use it</source>
            <translation>{tokens}トークンの日数 · {gpu}、{precision} · 各セルは最良の配置 · クリックで採用</translation>
        </message>
        <message>
            <source>Step in the campaign</source>
            <translation>実質の 1 ステップ</translation>
        </message>
        <message>
            <source>MFU {share}</source>
            <translation>MFU {share}</translation>
        </message>
        <message>
            <source>{share} % of each step is computing</source>
            <translation>各ステップの {share} % が計算</translation>
        </message>
        <message>
            <source>There is no step to take apart</source>
            <translation>内訳を示せるステップがない</translation>
        </message>
        <message>
            <source>Seconds a step · {batch} sequences of {length} tokens · {servers} × {gpus}</source>
            <translation>1 ステップの秒数 · {length} トークン × {batch} 系列 · {servers} × {gpus}</translation>
        </message>
        <message>
            <source>{value} s</source>
            <translation>{value} 秒</translation>
        </message>
        <message>
            <source>{value} ms</source>
            <translation>{value} ミリ秒</translation>
        </message>
        <message>
            <source>The model does not fit on these GPUs</source>
            <translation>モデルがこの GPU に収まらない</translation>
        </message>
        <message>
            <source>It would take {time} if it fitted</source>
            <translation>収まれば {time}</translation>
        </message>
        <message>
            <source>This plan does not finish as it is</source>
            <translation>この構成では学習が終わらない</translation>
        </message>
        <message>
            <source>Training takes {time}</source>
            <translation>学習は {time}</translation>
        </message>
        <message>
            <source>Twice the GPUs would finish in {time}</source>
            <translation>GPU を 2 倍にすると {time}で終わる</translation>
        </message>
        <message>
            <source>80 %: {low} to {high}</source>
            <translation>80 %：{low}〜{high}</translation>
        </message>
        <message>
            <source>80 % interval from</source>
            <translation>80 % 区間の下端</translation>
        </message>
        <message>
            <source>80 % interval to</source>
            <translation>80 % 区間の上端</translation>
        </message>
        <message>
        <source>hours (log scale)</source>
        <translation>時間（対数）</translation>
    </message>
    <message>
        <source>minutes (log scale)</source>
        <translation>分（対数）</translation>
    </message>
    <message>
        <source>seconds (log scale)</source>
        <translation>秒（対数）</translation>
    </message>
</context>
    <context>
        <name>Units</name>
        <message>
            <source>¥/kWh</source>
            <translation>円/kWh</translation>
        </message>
        <message>
            <source>$/h</source>
            <translation>ドル/時</translation>
        </message>
        <message>
            <source>¥/h</source>
            <translation>円/時</translation>
        </message>
        <message>
            <source>¥/$</source>
            <translation>円/ドル</translation>
        </message>
        <message>
            <source>$/GB a month</source>
            <translation>ドル/GB・月</translation>
        </message>
        <message>
            <source>¥/GB a month</source>
            <translation>円/GB・月</translation>
        </message>
        <message>
            <source>¥ a year</source>
            <translation>円/年</translation>
        </message>
        <message>
            <source>$ a year</source>
            <translation>ドル/年</translation>
        </message>
        <message>
            <source>of the servers</source>
            <translation>（対サーバー）</translation>
        </message>
        <message>
            <source>of the maximum</source>
            <translation>（対最大）</translation>
        </message>
        <message>
            <source>a year</source>
            <translation>/年</translation>
        </message>
        <message>
            <source>tokens/s</source>
            <translation>トークン/秒</translation>
        </message>
        <message>
            <source>tokens</source>
            <translation>トークン</translation>
        </message>
        <message>
            <source>FTE</source>
            <translation>人</translation>
        </message>
        <message>
            <source>months</source>
            <translation>か月</translation>
        </message>
        <message>
            <source>years</source>
            <translation>年</translation>
        </message>
        <message>
            <source>days</source>
            <translation>日</translation>
        </message>
        <message>
            <source>s</source>
            <translation>秒</translation>
        </message>
        <message>
            <source>h</source>
            <translation>時間</translation>
        </message>
        <message>
            <source>GPU hours</source>
            <translation>GPU 時間</translation>
        </message>
        <message>
            <source>t</source>
            <translation>t</translation>
        </message>
        <message>
            <source>year</source>
            <translation>年</translation>
        </message>
    </context>
    <context>
        <name>Words</name>
        <message>
            <source>rack units</source>
            <translation>U 数</translation>
        </message>
        <message>
            <source>kVA</source>
            <translation>kVA</translation>
        </message>
        <message>
            <source>air cooling</source>
            <translation>空冷能力</translation>
        </message>
        <message>
            <source>liquid cooling</source>
            <translation>液冷能力</translation>
        </message>
        <message>
            <source>rack weight</source>
            <translation>ラック重量</translation>
        </message>
        <message>
            <source>floor load</source>
            <translation>床荷重</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>読み込み</translation>
        </message>
        <message>
            <source>Forward</source>
            <translation>順伝播</translation>
        </message>
        <message>
            <source>Backward</source>
            <translation>逆伝播</translation>
        </message>
        <message>
            <source>Optimizer step</source>
            <translation>更新</translation>
        </message>
        <message>
            <source>Peak</source>
            <translation>最大</translation>
        </message>
        <message>
            <source>MLP backward</source>
            <translation>MLP の逆伝播</translation>
        </message>
        <message>
            <source>Output layer backward</source>
            <translation>出力層の逆伝播</translation>
        </message>
        <message>
            <source>Embedding backward</source>
            <translation>埋め込みの逆伝播</translation>
        </message>
        <message>
            <source>Layer backward</source>
            <translation>層の逆伝播</translation>
        </message>
        <message>
            <source>Loss backward</source>
            <translation>損失の逆伝播</translation>
        </message>
        <message>
            <source>Compute</source>
            <translation>計算</translation>
        </message>
        <message>
            <source>Recompute</source>
            <translation>再計算</translation>
        </message>
        <message>
            <source>Exposed communication</source>
            <translation>隠れない通信</translation>
        </message>
        <message>
            <source>Pipeline bubble</source>
            <translation>パイプラインの空き</translation>
        </message>
        <message>
            <source>Optimizer and sync</source>
            <translation>オプティマイザと同期</translation>
        </message>
        <message>
            <source>Data and host</source>
            <translation>データとホスト</translation>
        </message>
        <message>
            <source>Lost to failures, checkpoints</source>
            <translation>障害・保存で失う時間</translation>
        </message>
        <message>
            <source>Generation</source>
            <translation>生成</translation>
        </message>
        <message>
            <source>Other models (reference, reward)</source>
            <translation>ほかのモデル（参照・報酬）</translation>
        </message>
        <message>
            <source>Handing over weights</source>
            <translation>重みの受け渡し</translation>
        </message>
        <message>
            <source>Comm.</source>
            <translation>通信</translation>
        </message>
        <message>
            <source>Bubble</source>
            <translation>空き</translation>
        </message>
        <message>
            <source>Opt.</source>
            <translation>更新</translation>
        </message>
        <message>
            <source>Data</source>
            <translation>データ</translation>
        </message>
        <message>
            <source>Lost</source>
            <translation>損失</translation>
        </message>
        <message>
            <source>{size} model</source>
            <translation>{size} モデル</translation>
        </message>
        <message>
            <source>own model</source>
            <translation>独自モデル</translation>
        </message>
        <message>
            <source>Weights</source>
            <translation>重み</translation>
        </message>
        <message>
            <source>Gradients</source>
            <translation>勾配</translation>
        </message>
        <message>
            <source>Optimizer states</source>
            <translation>オプティマイザ状態</translation>
        </message>
        <message>
            <source>Activations</source>
            <translation>アクティベーション</translation>
        </message>
        <message>
            <source>Buffers</source>
            <translation>バッファ</translation>
        </message>
        <message>
            <source>Reserve</source>
            <translation>予備</translation>
        </message>
        <message>
            <source>Memory used on a GPU</source>
            <translation>GPU 1 枚のメモリ使用量</translation>
        </message>
        <message>
            <source>Memory of a GPU</source>
            <translation>GPU 1 枚のメモリ容量</translation>
        </message>
        <message>
            <source>Tokens per second and GPU</source>
            <translation>1 GPU・1 秒あたりトークン</translation>
        </message>
        <message>
            <source>Model FLOP utilization</source>
            <translation>MFU（演算効率）</translation>
        </message>
        <message>
            <source>Time of one step</source>
            <translation>1 ステップの時間</translation>
        </message>
        <message>
            <source>Training time</source>
            <translation>学習期間</translation>
        </message>
        <message>
            <source>Goodput</source>
            <translation>有効稼働率</translation>
        </message>
        <message>
            <source>GPU hours</source>
            <translation>GPU 時間</translation>
        </message>
        <message>
            <source>Training tokens</source>
            <translation>学習トークン数</translation>
        </message>
        <message>
            <source>Servers a rack</source>
            <translation>1 ラックの台数</translation>
        </message>
        <message>
            <source>Compute racks</source>
            <translation>計算ラック</translation>
        </message>
        <message>
            <source>Support racks</source>
            <translation>共用ラック</translation>
        </message>
        <message>
            <source>Apparent power of the fullest rack</source>
            <translation>最大のラックの皮相電力</translation>
        </message>
        <message>
            <source>Power of the fullest rack</source>
            <translation>最大のラックの電力</translation>
        </message>
        <message>
            <source>Heat to air in the fullest rack</source>
            <translation>最大のラックの空気側の熱</translation>
        </message>
        <message>
            <source>Heat to liquid in the fullest rack</source>
            <translation>最大のラックの液体側の熱</translation>
        </message>
        <message>
            <source>IT power at the peak</source>
            <translation>IT 最大電力</translation>
        </message>
        <message>
            <source>Power of the hall</source>
            <translation>施設電力</translation>
        </message>
        <message>
            <source>Utility capacity</source>
            <translation>受電容量</translation>
        </message>
        <message>
            <source>PUE</source>
            <translation>PUE</translation>
        </message>
        <message>
            <source>Energy a year</source>
            <translation>年間電力量</translation>
        </message>
        <message>
            <source>CO₂ a year</source>
            <translation>年間 CO₂</translation>
        </message>
        <message>
            <source>Water a year</source>
            <translation>年間の水</translation>
        </message>
        <message>
            <source>Cloud, total</source>
            <translation>クラウドの総費用</translation>
        </message>
        <message>
            <source>On-premises, total</source>
            <translation>オンプレミスの総費用</translation>
        </message>
        <message>
            <source>On-premises, initial cost</source>
            <translation>オンプレミスの初期費用</translation>
        </message>
        <message>
            <source>Break-even month</source>
            <translation>損益分岐の月</translation>
        </message>
        <message>
            <source>Break-even utilization</source>
            <translation>損益分岐の稼働率</translation>
        </message>
                    <message>
            <source>Installation, cooling</source>
            <translation>設置・冷却</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>設置場所</translation>
        </message>
        <message>
            <source>Tax, insurance</source>
            <translation>税・保険</translation>
        </message>
        <message>
            <source>Storage, transfer</source>
            <translation>ストレージ・転送</translation>
        </message>
        <message>
            <source>Network and storage power</source>
            <translation>ネットワーク・ストレージの電力</translation>
        </message>
        <message>
            <source>Average power of a server</source>
            <translation>サーバー 1 台の平均電力</translation>
        </message>
        <message>
            <source>Maximum power of a server</source>
            <translation>サーバー 1 台の最大電力</translation>
        </message>
        <message>
            <source>Idle power of a server</source>
            <translation>サーバー 1 台の待機電力</translation>
        </message>
        <message>
            <source>Power of the servers</source>
            <translation>サーバーの電力</translation>
        </message>
        <message>
            <source>Spare and other servers over the year</source>
            <translation>予備・その他のサーバー（年平均）</translation>
        </message>
        <message>
            <source>Power of spare and other servers</source>
            <translation>予備・その他のサーバーの電力</translation>
        </message>
        <message>
            <source>Apparent power of the IT</source>
            <translation>IT の皮相電力</translation>
        </message>
        <message>
            <source>Racks in all</source>
            <translation>ラック総数</translation>
        </message>
        <message>
            <source>Cost per million tokens</source>
            <translation>百万トークンあたりの費用</translation>
        </message>
        <message>
            <source>Cost per useful GPU hour</source>
            <translation>有効 GPU 時間あたりの費用</translation>
        </message>
        <message>
            <source>Cost per training</source>
            <translation>学習 1 回の費用</translation>
        </message>
        <message>
            <source>Present value</source>
            <translation>現在価値</translation>
        </message>
        <message>
            <source>Saving, present value</source>
            <translation>節約額の現在価値</translation>
        </message>
        <message>
            <source>Saving of owning</source>
            <translation>オンプレミスの節約額</translation>
        </message>
        <message>
            <source>Rate of return</source>
            <translation>内部収益率</translation>
        </message>
        <message>
            <source>Break-even, discounted</source>
            <translation>割引後の損益分岐</translation>
        </message>
        <message>
            <source>{first} and {second}</source>
            <translation>{first}と{second}</translation>
        </message>
        <message>
            <source>Air through a rack</source>
            <translation>ラックの風量</translation>
        </message>
        <message>
            <source>Cable ends</source>
            <translation>ケーブル端の数</translation>
        </message>
        <message>
            <source>Longest server cable</source>
            <translation>サーバー配線の最長</translation>
        </message>
        <message>
            <source>Mean server cable</source>
            <translation>サーバー配線の平均</translation>
        </message>
        <message>
            <source>Mean spine cable</source>
            <translation>スパイン配線の平均</translation>
        </message>
        <message>
            <source>Cables in all</source>
            <translation>配線の総延長</translation>
        </message>
        <message>
            <source>Cables</source>
            <translation>ケーブル本数</translation>
        </message>
        <message>
            <source>Storage capacity needed</source>
            <translation>必要なストレージ容量</translation>
        </message>
        <message>
            <source>Demand charge</source>
            <translation>基本料金</translation>
        </message>
        <message>
            <source>Energy charge</source>
            <translation>電力量料金</translation>
        </message>
        <message>
            <source>Fuel adjustment</source>
            <translation>燃料費調整</translation>
        </message>
        <message>
            <source>Renewable energy surcharge</source>
            <translation>再エネ賦課金</translation>
        </message>
        <message>
            <source>Size of a checkpoint</source>
            <translation>チェックポイントの大きさ</translation>
        </message>
        <message>
            <source>Time of a checkpoint</source>
            <translation>チェックポイントの時間</translation>
        </message>
        <message>
            <source>CO₂ of electricity</source>
            <translation>電力の CO₂ 排出係数</translation>
        </message>
        <message>
            <source>Total that is compared</source>
            <translation>比較する総額</translation>
        </message>
        <message>
            <source>Consumption tax</source>
            <translation>消費税</translation>
        </message>
        <message>
            <source>Cooling, UPS and losses</source>
            <translation>冷却・UPS・損失の電力</translation>
        </message>
        <message>
            <source>Power of the cooling</source>
            <translation>冷却の電力</translation>
        </message>
        <message>
            <source>Core switches</source>
            <translation>コアスイッチ数</translation>
        </message>
        <message>
            <source>Size of the data set</source>
            <translation>データセットの大きさ</translation>
        </message>
        <message>
            <source>Electrical losses</source>
            <translation>電気損失</translation>
        </message>
        <message>
            <source>Average power of the hall</source>
            <translation>施設の平均電力</translation>
        </message>
        <message>
            <source>Servers in the fullest rack</source>
            <translation>最も詰まったラックの台数</translation>
        </message>
        <message>
            <source>Generator capacity</source>
            <translation>発電機容量</translation>
        </message>
        <message>
            <source>Heat to air in the hall</source>
            <translation>ホール全体の空気への熱</translation>
        </message>
        <message>
            <source>Cooling left in the hall</source>
            <translation>ホールに残る冷却能力</translation>
        </message>
        <message>
            <source>Apparent power left in the hall</source>
            <translation>ホールに残る受電容量</translation>
        </message>
        <message>
            <source>Heat to liquid in the hall</source>
            <translation>ホール全体の液体への熱</translation>
        </message>
        <message>
            <source>Rack places left in the hall</source>
            <translation>ホールに残るラック枠</translation>
        </message>
        <message>
            <source>Time between checkpoints</source>
            <translation>チェックポイントの間隔</translation>
        </message>
        <message>
            <source>Average power of the IT</source>
            <translation>IT の平均電力</translation>
        </message>
        <message>
            <source>Energy of the IT a year</source>
            <translation>IT の年間電力量</translation>
        </message>
        <message>
            <source>Known part of the total</source>
            <translation>総額のうち分かっている分</translation>
        </message>
        <message>
            <source>Leaf switches</source>
            <translation>リーフスイッチ数</translation>
        </message>
        <message>
            <source>Share of heat to liquid</source>
            <translation>液体が運ぶ熱の割合</translation>
        </message>
        <message>
            <source>Share of liquid cooling</source>
            <translation>液冷の割合</translation>
        </message>
        <message>
            <source>Mean time between failures</source>
            <translation>平均故障間隔</translation>
        </message>
        <message>
            <source>Optical modules</source>
            <translation>光モジュール数</translation>
        </message>
        <message>
            <source>Power of the optics</source>
            <translation>光モジュールの電力</translation>
        </message>
        <message>
            <source>Share of network and storage power</source>
            <translation>ネットワーク・ストレージ電力の割合</translation>
        </message>
        <message>
            <source>Oversubscription</source>
            <translation>オーバーサブスクリプション</translation>
        </message>
        <message>
            <source>Floor load at the feet</source>
            <translation>脚部の床荷重</translation>
        </message>
        <message>
            <source>Network price by rule, as a share of the servers</source>
            <translation>ネットワーク価格（標準のサーバー比）</translation>
        </message>
        <message>
            <source>Power planned for a server</source>
            <translation>サーバー 1 台に見込む電力</translation>
        </message>
        <message>
            <source>Power after the loss of a feed</source>
            <translation>1 系統喪失後の電力</translation>
        </message>
        <message>
            <source>Refrigeration capacity</source>
            <translation>冷凍能力</translation>
        </message>
        <message>
            <source>Spare share</source>
            <translation>余裕の割合</translation>
        </message>
        <message>
            <source>Spine switches</source>
            <translation>スパインスイッチ数</translation>
        </message>
        <message>
            <source>Floor load spread over the bay</source>
            <translation>分散した床荷重</translation>
        </message>
        <message>
            <source>Storage built</source>
            <translation>ストレージの構成容量</translation>
        </message>
        <message>
            <source>Storage switches</source>
            <translation>ストレージ用スイッチ数</translation>
        </message>
        <message>
            <source>Power of the switches</source>
            <translation>スイッチの電力</translation>
        </message>
        <message>
            <source>Switches</source>
            <translation>スイッチ数</translation>
        </message>
        <message>
            <source>Tiers of the network</source>
            <translation>ネットワークの段数</translation>
        </message>
        <message>
            <source>Total with consumption tax</source>
            <translation>消費税込みの総額</translation>
        </message>
        <message>
            <source>Storage units</source>
            <translation>ストレージ装置数</translation>
        </message>
        <message>
            <source>UPS capacity</source>
            <translation>UPS 容量</translation>
        </message>
        <message>
            <source>Water flow of the hall</source>
            <translation>ホール全体の流量</translation>
        </message>
        <message>
            <source>Water flow of a rack</source>
            <translation>ラックの流量</translation>
        </message>
        <message>
            <source>Weight of the fullest rack</source>
            <translation>最も重いラックの重量</translation>
        </message>
        <message>
            <source>Write rate needed</source>
            <translation>必要な書き込み速度</translation>
        </message>
        <message>
            <source>WUE</source>
            <translation>WUE</translation>
        </message>
    </context>
    <context>
        <name>Sources</name>
        <message>
            <source>1.4 % of the assessed value per year</source>
            <translation>評価額の 1.4 %（年）</translation>
        </message>
        <message>
            <source>GB per month * price per GB * months</source>
            <translation>月あたり GB × GB 単価 × 月数</translation>
        </message>
        <message>
            <source>cable length: |dx| + |dy| + 2 * 1.5 m + 1 m, rows of ten racks</source>
            <translation>ケーブル長：|dx| + |dy| + 2 × 1.5 m + 1 m、10 ラックの列</translation>
        </message>
        <message>
            <source>crossing of the cumulative costs, linear between months</source>
            <translation>累計費用の交点（月の間は直線）</translation>
        </message>
        <message>
            <source>matrix products, communication, pipeline and optimizer of a step; docs/method.md, 4</source>
            <translation>1ステップの行列積・通信・パイプライン・オプティマイザ（docs/method.md 4）</translation>
        </message>
        <message>
            <source>rollouts, log-probabilities, training and refit of weights; docs/method.md, 5.3</source>
            <translation>応答の生成・対数確率・学習・重みの受け渡し（docs/method.md 5.3）</translation>
        </message>
        <message>
            <source>seven published runs of GRPO</source>
            <translation>公表された GRPO の実測 7 件</translation>
        </message>
        <message>
            <source>parameters, states, saved tensors and buffers of the fullest GPU; docs/method.md, 3</source>
            <translation>最も使う GPU のパラメータ・状態・保存テンソル・バッファ（docs/method.md 3）</translation>
        </message>
        <message>
            <source>checkpoints, failures and restarts; docs/method.md, 5.2</source>
            <translation>チェックポイント・障害・再開（docs/method.md 5.2）</translation>
        </message>
        <message>
            <source>runs per year * days of a run / 365</source>
            <translation>年間の実行回数 × 1回の日数 ÷ 365</translation>
        </message>
        <message>
            <source>energy of the hall</source>
            <translation>施設全体の電力量</translation>
        </message>
        <message>
            <source>rate at which the savings repay the outlay</source>
            <translation>節約額が投資額と釣り合う利率</translation>
        </message>
        <message>
            <source>running costs and lease over the months of the horizon</source>
            <translation>期間中の運用費とリース料</translation>
        </message>
        <message>
            <source>sum of the lines paid at the start</source>
            <translation>初期に支払う項目の合計</translation>
        </message>
        <message>
            <source>utilization at which both totals are equal</source>
            <translation>両者の総額が等しくなる稼働率</translation>
        </message>
        <message>
            <source>data set + checkpoints kept; checkpoint / stall</source>
            <translation>データ＋保持するチェックポイント、チェックポイント量 ÷ 停止時間</translation>
        </message>
        <message>
            <source>entered</source>
            <translation>入力値</translation>
        </message>
        <message>
            <source>entered, or its parts counted, or a share of the servers</source>
            <translation>入力値、なければ部品の数量から、数えられなければサーバーに対する割合</translation>
        </message>
        <message>
            <source>the network of two servers, counted at list prices</source>
            <translation>定価で数えたサーバー 2 台分のネットワーク</translation>
        </message>
        <message>
            <source>counted at list prices: {switches} switches, {cables} cables</source>
            <translation>定価で算出：スイッチ {switches} 台、ケーブル {cables} 本</translation>
        </message>
        <message>
            <source>entered; cloud: GB * price per GB and month * months</source>
            <translation>入力値、クラウドは GB × GB 月単価 × 月数</translation>
        </message>
        <message>
            <source>full-time operators * cost per year</source>
            <translation>要員数 × 年間費用</translation>
        </message>
        <message>
            <source>idle power: 25 % of the rated maximum (assumption)</source>
            <translation>待機電力：定格最大の 25 %（仮定）</translation>
        </message>
        <message>
            <source>instances * hours used (or reserved) * price per hour</source>
            <translation>インスタンス数 × 使用（予約）時間 × 時間単価</translation>
        </message>
        <message>
            <source>kWh * price + contract kW * demand charge * (1.85 - power factor)</source>
            <translation>電力量 × 単価 ＋ 契約 kW × 基本料金 ×（1.85 − 力率）</translation>
        </message>
        <message>
            <source>licences per accelerator and per server per year</source>
            <translation>アクセラレータとサーバーごとの年間ライセンス</translation>
        </message>
        <message>
            <source>one server without shared storage</source>
            <translation>サーバー 1 台のため共有ストレージなし</translation>
        </message>
        <message>
            <source>price * rate per month * months</source>
            <translation>価格 × 月額料率 × 月数</translation>
        </message>
        <message>
            <source>racks * rent per rack + kVA * rent per kVA, per month</source>
            <translation>ラック数 × ラック賃料 ＋ kVA × kVA 賃料（月額）</translation>
        </message>
        <message>
            <source>racks * works per rack</source>
            <translation>ラック数 × 1 ラックの工事費</translation>
        </message>
        <message>
            <source>servers * list price * (1 - discount) / (1 - margin)</source>
            <translation>台数 × 定価 ×（1 − 値引き）÷（1 − 利益率）</translation>
        </message>
        <message>
            <source>sum of switches and storage units</source>
            <translation>スイッチとストレージ装置の合計</translation>
        </message>
        <message>
            <source>the method's standard supply temperature</source>
            <translation>冷却方式の標準給水温度</translation>
        </message>
        <message>
            <source>switch hops, metres of cable and one packet on the wire</source>
            <translation>スイッチの段数、ケーブル長、1 パケットの送信時間</translation>
        </message>
        <message>
            <source>price of cloud storage</source>
            <translation>クラウドストレージの価格</translation>
        </message>
        <message>
            <source>parameters of the shape; docs/method.md, 2</source>
            <translation>モデル形状からのパラメータ数（docs/method.md 2）</translation>
        </message>
        <message>
            <source>four management ports a server, one a switch; two switches a rack-scale system</source>
            <translation>管理ポートはサーバーごとに 4、スイッチごとに 1、ラック一体型は 1 台あたりスイッチ 2</translation>
        </message>
        <message>
            <source>facility.cap_fraction * rated maximum</source>
            <translation>電力上限の割合 × 定格最大</translation>
        </message>
        <message>
            <source>Daly 2006, Young 1974; failure rate of Llama 3</source>
            <translation>Daly 2006、Young 1974、Llama 3 の故障率</translation>
        </message>
        <message>
            <source>switches, cables and optics at list prices</source>
            <translation>スイッチ・ケーブル・光部品（定価・目安価格）</translation>
        </message>
        <message>
            <source>share of the hardware</source>
            <translation>ハードウェアに対する割合</translation>
        </message>
        <message>
            <source>share of the hardware at the end, as income</source>
            <translation>期末のハードウェア残存価値（収入）</translation>
        </message>
        <message>
            <source>hours of the calendar</source>
            <translation>カレンダーの時間</translation>
        </message>
        <message>
            <source>share of the hardware per year</source>
            <translation>ハードウェアに対する割合（年）</translation>
        </message>
        <message>
            <source>share of the rented compute</source>
            <translation>借りた計算資源に対する割合</translation>
        </message>
        <message>
            <source>sum of the lines over the horizon</source>
            <translation>期間内の費目の合計</translation>
        </message>
        <message>
            <source>part of the electricity</source>
            <translation>電気料金の内訳</translation>
        </message>
        <message>
            <source>Entered by the user</source>
            <translation>利用者の入力</translation>
        </message>
        <message>
            <source>constants fitted to published runs (resources/constants/report.md)</source>
            <translation>公表実測に合わせた定数（resources/constants/report.md）</translation>
        </message>
        <message>
            <source>serving steps and queues fitted to published runs; docs/method.md, serving</source>
            <translation>公表実測に合わせた推論ステップと待ち行列（docs/method.md 推論の章）</translation>
        </message>
        <message>
            <source>Little&apos;s law, replicas and memory of the engine; docs/method.md, serving</source>
            <translation>リトルの法則、レプリカとエンジンのメモリ（docs/method.md 推論の章）</translation>
        </message>
        <message>
            <source>heat capacities; docs/method.md, 6.6</source>
            <translation>熱容量、docs/method.md 6.6</translation>
        </message>
        <message>
            <source>Mitsumori docs/method.md, 6.4</source>
            <translation>Mitsumori docs/method.md 6.4</translation>
        </message>
        <message>
            <source>Mitsumori docs/method.md, 6.8</source>
            <translation>Mitsumori docs/method.md 6.8</translation>
        </message>
        <message>
            <source>Mitsumori docs/method.md, 6.9</source>
            <translation>Mitsumori docs/method.md 6.9</translation>
        </message>
        <message>
            <source>Uptime Institute 2025, ABCI; docs/method.md, 6.7</source>
            <translation>Uptime Institute 2025、ABCI、docs/method.md 6.7</translation>
        </message>
        <message>
            <source>Saved tensors and model states, tried against published peaks</source>
            <translation>保存テンソルとモデル状態、公表ピークと照合</translation>
        </message>
        <message>
            <source>Young 1974; failure rate of Llama 3</source>
            <translation>Young 1974、Llama 3 の故障率</translation>
        </message>
        <message>
            <source>the storage the plan needs on premises</source>
            <translation>オンプレミスで必要なストレージ容量</translation>
        </message>
        <message>
            <source>snapshot date unknown</source>
            <translation>取得日不明</translation>
        </message>
        <message>
            <source>spare servers, and servers of further types with their networks</source>
            <translation>予備サーバーと、その他の種類のサーバー（ネットワークを含む）</translation>
        </message>
        <message>
            <source>coolant (25 % propylene glycol): litres a kW of heat to liquid; flow of water * 1.06</source>
            <translation>冷却液（プロピレングリコール 25 %）：液体へ逃がす熱 1 kW あたりのリットル数、流量は水 × 1.06</translation>
        </message>
        <message>
            <source>one leak detector in each rack with liquid and at each CDU</source>
            <translation>液冷ラックと CDU ごとに漏液検知器 1 個</translation>
        </message>
        <message>
            <source>savings less corporate tax, discounted at the cost of capital; tax at the end of each fiscal year</source>
            <translation>法人税を差し引いた節減額を資本コストで割り引いた値。税は各事業年度末</translation>
        </message>
        <message>
            <source>lease of the lessee</source>
            <translation>借手のリース会計</translation>
        </message>
        <message>
            <source>8760 * (u * average + (1-u) * idle) * servers * (1 + other) * PUE</source>
            <translation>8760 ×（u × 平均 ＋（1−u）× 待機）× 台数 ×（1 ＋ その他）× PUE</translation>
        </message>
        <message>
            <source>IT = servers * power + network and storage; facility = IT * PUE</source>
            <translation>IT ＝ 台数 × 電力 ＋ ネットワーク・ストレージ、施設 ＝ IT × PUE</translation>
        </message>
        <message>
            <source>PUE = 1 + k_elec + (1-f) k_air + f k_liq, calibrated to anchors</source>
            <translation>PUE ＝ 1 ＋ k_elec ＋（1−f）k_air ＋ f k_liq、基準値に合わせた係数</translation>
        </message>
        <message>
            <source>Young's interval and overhead</source>
            <translation>Young の間隔と損失</translation>
        </message>
        <message>
            <source>renewal formula at Young's interval</source>
            <translation>Young の間隔における更新過程の式</translation>
        </message>
        <message>
            <source>IT power at the PUE of the hottest month</source>
            <translation>最も暑い月の PUE を掛けた IT 電力</translation>
        </message>
        <message>
            <source>CDUs: one a rack with cold plates, or a row's share of the liquid heat plus one spare</source>
            <translation>CDU：コールドプレートのラックごとに 1 台、または列単位で水冷の熱量に応じた台数＋予備 1 台</translation>
        </message>
        <message>
            <source>fat tree of equal switches, rail-optimised</source>
            <translation>同じスイッチのファットツリー（レール最適化）</translation>
        </message>
        <message>
            <source>heat carried by water and air</source>
            <translation>水と空気が運ぶ熱</translation>
        </message>
        <message>
            <source>initial + NPV of the months at the discount rate</source>
            <translation>初期費用 ＋ 各月の割引現在価値</translation>
        </message>
        <message>
            <source>placement: least of units, kVA, air, liquid, weight, floor</source>
            <translation>配置：U 数、kVA、空気、液体、重量、床荷重のうち最も厳しいもの</translation>
        </message>
        <message>
            <source>share rule: other power = share * compute power</source>
            <translation>割合の規則：その他の電力 ＝ 割合 × サーバーの電力</translation>
        </message>
        <message>
            <source>near run {run}</source>
            <translation>近い実測 {run}</translation>
        </message>
        <message>
        <source>Mitsumori's method</source>
        <translation>Mitsumori の計算方法</translation>
    </message>
    <message>
        <source>further types: count * list price, and their network</source>
        <translation>ほかの機種：台数 × 定価とそのネットワーク</translation>
    </message>
    <message>
        <source>the program's table of runs</source>
        <translation>同梱の実測表</translation>
    </message>
</context>
    <context>
        <name>Tables</name>
        <message>
            <source>days</source>
            <translation>日</translation>
        </message>
        <message>
            <source>{row}, this plan</source>
            <translation>{row}、今の計画</translation>
        </message>
    </context>
<context>
    <name>Serving</name>
        <message>
            <source>Percentile</source>
            <translation>パーセンタイル</translation>
        </message>
        <message>
            <source>First token</source>
            <translation>初回トークン</translation>
        </message>
        <message>
            <source>Per token</source>
            <translation>トークン間隔</translation>
        </message>
        <message>
            <source>Whole answer</source>
            <translation>応答全体</translation>
        </message>
        <message>
            <source>First token, 80 % interval</source>
            <translation>初回トークン（80 % 区間）</translation>
        </message>
        <message>
            <source>Per token, 80 % interval</source>
            <translation>トークン間隔（80 % 区間）</translation>
        </message>
        <message>
            <source>{name} ≤ {limit} {unit}</source>
            <translation>{name} ≤ {limit} {unit}</translation>
        </message>
        <message>
            <source>80 %: {interval} {unit}</source>
            <translation>80 %：{interval} {unit}</translation>
        </message>
        <message>
            <source>Layout</source>
            <translation>配置</translation>
        </message>
        <message>
            <source>GPUs</source>
            <translation>GPU 数</translation>
        </message>
        <message>
            <source>Serving is not part of this plan</source>
            <translation>この計画に推論は含まれていません</translation>
        </message>
        <message>
            <source>A scenario of its own keeps the training; users, lengths and limits decide the rest</source>
            <translation>学習の計画はそのままに別のシナリオとして追加でき、利用者数・長さ・上限から残りを求めます</translation>
        </message>
        <message>
            <source>Add a scenario that serves this model</source>
            <translation>このモデルを推論に使うシナリオを追加</translation>
        </message>
        <message>
            <source>The model does not fit this server</source>
            <translation>モデルがこのサーバーに収まりません</translation>
        </message>
        <message>
            <source>No load meets the limits: {limit}</source>
            <translation>上限を守れる負荷がありません：{limit}</translation>
        </message>
        <message>
            <source>These servers carry {share} of the load within the limits</source>
            <translation>このサーバー台数で上限内に捌けるのは負荷の {share} です</translation>
        </message>
        <message>
            <source>Carried within the limits; {limit} binds first</source>
            <translation>上限内で捌けます。先に効くのは{limit}</translation>
        </message>
        <message>
            <source>{server} · {layout} · {precision} · {engine} · the band is the 80 % interval</source>
            <translation>{server} · {layout} · {precision} · {engine} · 帯は 80 % 区間</translation>
        </message>
        <message>
            <source>{percentile}: first token {ttft} s, {tpot} ms a token</source>
            <translation>{percentile}：初回トークン {ttft} s、1 トークン {tpot} ms</translation>
        </message>
        <message>
            <source>At the peak, {requests} requests/s</source>
            <translation>ピーク時、毎秒 {requests} リクエスト</translation>
        </message>
        <message>
            <source>Weights</source>
            <translation>重み</translation>
        </message>
        <message>
            <source>KV cache</source>
            <translation>KV キャッシュ</translation>
        </message>
        <message>
            <source>Workspace</source>
            <translation>作業領域</translation>
        </message>
        <message>
            <source>Reserve</source>
            <translation>予備</translation>
        </message>
        <message>
            <source>Of one GPU</source>
            <translation>GPU 1 基の内訳</translation>
        </message>
        <message>
            <source>The cache of a replica holds {count} sequences</source>
            <translation>1 レプリカのキャッシュに {count} 系列が入ります</translation>
        </message>
        <message>
            <source>{bytes} kB of KV cache a token</source>
            <translation>KV キャッシュは 1 トークン {bytes} kB</translation>
        </message>
        <message>
            <source>sequences</source>
            <translation>系列</translation>
        </message>
        <message>
            <source>rack</source>
            <translation>本</translation>
        </message>
        <message>
            <source>racks</source>
            <translation>本</translation>
        </message>
        <message>
            <source>The peak uses {share} of the cache</source>
            <translation>ピーク時に使うのはキャッシュの {share}</translation>
        </message>
        <message>
            <source>All replicas together</source>
            <translation>全レプリカの合計</translation>
        </message>
        <message>
            <source>In flight at the peak</source>
            <translation>ピーク時の同時処理</translation>
        </message>
        <message>
            <source>Of what the cache holds</source>
            <translation>キャッシュ容量に対する割合</translation>
        </message>
        <message>
            <source>An output token</source>
            <translation>出力 1 トークン</translation>
        </message>
        <message>
            <source>Output of a GPU</source>
            <translation>GPU あたり出力</translation>
        </message>
        <message>
            <source>tokens/s</source>
            <translation>トークン/s</translation>
        </message>
        <message>
            <source>Batch</source>
            <translation>バッチ</translation>
        </message>
        <message>
            <source>Servers</source>
            <translation>サーバー</translation>
        </message>
        <message>
            <source>Racks</source>
            <translation>ラック</translation>
        </message>
        <message>
            <source>A rack</source>
            <translation>1 ラック</translation>
        </message>
        <message>
            <source>Energy a year</source>
            <translation>年間電力量</translation>
        </message>
        <message>
            <source>Prompts and answers</source>
            <translation>入力と出力の平均</translation>
        </message>
        <message>
            <source>Prompts</source>
            <translation>入力</translation>
        </message>
        <message>
            <source>Answers</source>
            <translation>出力</translation>
        </message>
        <message>
            <source>Nothing with a firm price carries the load for less than {server}</source>
            <translation>確かな価格で {server} より安く捌ける構成はありません</translation>
        </message>
        <message>
            <source>A million tokens cost {price}</source>
            <translation>100 万トークンあたり {price}</translation>
        </message>
        <message>
            <source>The cost of tokens is not known</source>
            <translation>トークンの費用は未定です</translation>
        </message>
        <message>
            <source>Layouts that carry the load on this server</source>
            <translation>このサーバーで負荷を捌ける配置</translation>
        </message>
        <message>
            <source>Fewest GPUs first; opening one fixes it</source>
            <translation>GPU の少ない順。開くとその配置に固定します</translation>
        </message>
        <message>
            <source>First token, TTFT</source>
            <translation>初回トークン TTFT</translation>
        </message>
        <message>
            <source>Token gap, TPOT</source>
            <translation>トークン間隔 TPOT</translation>
        </message>
        <message>
            <source>{unit} · {percentile} ≤ {limit}</source>
            <translation>{unit} · {percentile} ≤ {limit}</translation>
        </message>
        <message>
            <source>Within</source>
            <translation>上限内</translation>
        </message>
        <message>
            <source>Over the limit</source>
            <translation>上限超過</translation>
        </message>
        <message>
            <source>80 % interval {interval}</source>
            <translation>80 % 区間 {interval}</translation>
        </message>
        <message>
            <source>Hardware needed</source>
            <translation>必要なハードウェア</translation>
        </message>
        <message>
            <source>Does not fit</source>
            <translation>収まらない</translation>
        </message>
        <message>
            <source>server</source>
            <translation>台</translation>
        </message>
        <message>
            <source>servers</source>
            <translation>台</translation>
        </message>
        <message>
            <source>Enough</source>
            <translation>足りる</translation>
        </message>
        <message>
            <source>{share} served</source>
            <translation>{share} を提供</translation>
        </message>
        <message>
            <source>{gpus} · {limit} binds first</source>
            <translation>{gpus} · 先に効くのは{limit}</translation>
        </message>
        <message>
            <source>Per 1M tokens, excl. tax</source>
            <translation>100 万トークンあたり・税抜</translation>
        </message>
        <message>
            <source>The price of the servers is not given</source>
            <translation>サーバーの価格が未入力です</translation>
        </message>
        <message>
            <source>Not given</source>
            <translation>未入力</translation>
        </message>
        <message>
            <source>No price list of an API is given</source>
            <translation>API の料金表が未入力です</translation>
        </message>
        <message>
            <source>On-premises</source>
            <translation>オンプレミス</translation>
        </message>
        <message>
            <source>now {count} in flight</source>
            <translation>現在：同時 {count}</translation>
        </message>
        <message>
            <source>now {requests} requests/s</source>
            <translation>現在：毎秒 {requests} リクエスト</translation>
        </message>
        <message>
            <source>now {count} users</source>
            <translation>現在：利用者 {count} 人</translation>
        </message>
        <message>
            <source>In flight</source>
            <translation>同時処理</translation>
        </message>
        <message>
            <source>Speed of a user</source>
            <translation>1 利用者の速度</translation>
        </message>
        <message>
            <source>tokens/s of a user (1 / TPOT)</source>
            <translation>1 利用者あたり トークン/s（1 / TPOT）</translation>
        </message>
        <message>
            <source>tokens/s/GPU</source>
            <translation>トークン/s/GPU</translation>
        </message>
        <message>
            <source>No layout holds the model and one sequence.</source>
            <translation>モデルと 1 系列が収まる配置がありません。</translation>
        </message>
        <message>
            <source>limit {speed} ({ms} ms)</source>
            <translation>上限 {speed}（{ms} ms）</translation>
        </message>
        <message>
            <source>{speed} tokens/s of a user</source>
            <translation>1 利用者 {speed} トークン/s</translation>
        </message>
        <message>
            <source>{value} tokens/s/GPU</source>
            <translation>{value} トークン/s/GPU</translation>
        </message>
        <message>
            <source>{count} in flight on a replica</source>
            <translation>1 レプリカで同時 {count}</translation>
        </message>
        <message>
            <source>the limit on the first token</source>
            <translation>初回トークンの上限</translation>
        </message>
        <message>
            <source>the limit on the time per token</source>
            <translation>トークン間隔の上限</translation>
        </message>
        <message>
            <source>the KV cache</source>
            <translation>KV キャッシュ</translation>
        </message>
        <message>
            <source>the prefill servers</source>
            <translation>プリフィル用サーバー</translation>
        </message>
        <message>
            <source>the number of servers</source>
            <translation>サーバーの台数</translation>
        </message>
        <message>
            <source>These servers hold no replica of the model</source>
            <translation>この台数には 1 レプリカも載りません</translation>
        </message>
        <message>
            <source>memory</source>
            <translation>メモリ</translation>
        </message>
        <message numerus="yes">
            <source>%n replica(s)</source>
            <translation>
                <numerusform>%n レプリカ</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>{replicas} × {gpus} GPUs on %n server(s)</source>
            <translation>
                <numerusform>{replicas} × {gpus} GPU、サーバー %n 台</numerusform>
            </translation>
        </message>
        <message>
            <source>does not serve</source>
            <translation>推論なし</translation>
        </message>
        <message>
            <source>Serving servers</source>
            <translation>推論サーバー</translation>
        </message>
        <message>
            <source>1M tokens</source>
            <translation>100 万トークン</translation>
        </message>
        <message>
            <source>Replica</source>
            <translation>レプリカ</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状態</translation>
        </message>
        <message>
            <source>First GPU</source>
            <translation>先頭の GPU</translation>
        </message>
        <message>
            <source>Replica {replica}: {state}</source>
            <translation>レプリカ {replica}：{state}</translation>
        </message>
        <message>
            <source>at work</source>
            <translation>稼働</translation>
        </message>
        <message>
            <source>spare</source>
            <translation>予備</translation>
        </message>
        <message>
            <source>prompts only</source>
            <translation>入力処理専用</translation>
        </message>
        <message>
            <source>free</source>
            <translation>空き</translation>
        </message>
        <message>
            <source>now</source>
            <translation>いま</translation>
        </message>
        <message>
            <source>at most</source>
            <translation>最大</translation>
        </message>
        <message>
            <source>break-even</source>
            <translation>損益分岐</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>負荷</translation>
        </message>
        <message>
            <source>Tokens a day</source>
            <translation>1 日のトークン数</translation>
        </message>
        <message>
            <source>Own servers, a month</source>
            <translation>自社サーバー・月額</translation>
        </message>
        <message>
            <source>API, a month</source>
            <translation>API・月額</translation>
        </message>
        <message>
            <source>Own servers</source>
            <translation>自社</translation>
        </message>
        <message>
            <source>API</source>
            <translation>API</translation>
        </message>
        <message>
            <source>tokens a day</source>
            <translation>トークン/日</translation>
        </message>
        <message>
            <source>{unit} a month</source>
            <translation>{unit}/月</translation>
        </message>
        <message>
            <source>now {tokens}</source>
            <translation>いま {tokens}</translation>
        </message>
        <message>
            <source>break-even {tokens}</source>
            <translation>逆転 {tokens}</translation>
        </message>
        <message>
            <source>{name}: {tokens} tokens a day</source>
            <translation>{name}：1 日 {tokens}トークン</translation>
        </message>
        <message>
            <source>First token after a failure</source>
            <translation>初回トークン（障害時）</translation>
        </message>
        <message>
            <source>Per token after a failure</source>
            <translation>トークン間隔（障害時）</translation>
        </message>
        <message>
            <source>after a failure: {value} {unit}</source>
            <translation>障害時：{value} {unit}</translation>
        </message>
        <message>
            <source>The API's price list</source>
            <translation>API の価格表</translation>
        </message>
        <message>
            <source>{letter}: {reason}.</source>
            <translation>{letter}：{reason}。</translation>
        </message>
        <message>
            <source>{letter} does not carry the load within the limits.</source>
            <translation>{letter} では、上限内に負荷を捌けません。</translation>
        </message>
        <message>
            <source>{letter} serves on {servers}, A on {before}.</source>
            <translation>推論サーバー：{letter} {servers}、A {before}。</translation>
        </message>
        <message>
            <source>A million tokens: {letter} {price}, A {before}.</source>
            <translation>100 万トークン：{letter} {price}、A {before}。</translation>
        </message>
        <message>
            <source>Per token: {letter} {ms} ms, A {before}.</source>
            <translation>トークン間隔：{letter} {ms} ms、A {before} ms。</translation>
        </message>
        <message>
            <source>○ {failure}: {ttft} s, {tpot} ms</source>
            <translation>○ {failure}：{ttft} s、{tpot} ms</translation>
        </message>
        <message>
            <source>Cost a month, excluding tax</source>
            <translation>月額費用（税抜）</translation>
        </message>
        <message>
            <source>no price list of an API is given</source>
            <translation>API の価格表は未入力</translation>
        </message>
        <message>
            <source>Owning is cheaper from {tokens} tokens a day; now {now}</source>
            <translation>1 日 {tokens}トークンから自社が安い（いま {now}）</translation>
        </message>
        <message>
            <source>Owning is cheaper: from {tokens} tokens a day, now {now}</source>
            <translation>自社が安い：1 日 {tokens}トークンから（いま {now}）</translation>
        </message>
        <message>
            <source>price list of {date}</source>
            <translation>API は {date} の価格表</translation>
        </message>
        <message>
            <source>price list without a date</source>
            <translation>API の価格表は日付なし</translation>
        </message>
        <message>
            <source>the spare shares the chassis</source>
            <translation>予備は同じ筐体の中</translation>
        </message>
        <message>
            <source>○ after a failure {value}</source>
            <translation>○ 障害時 {value}</translation>
        </message>
        <message>
            <source>&gt; 99 %</source>
            <translation>99 %超</translation>
        </message>
        <message>
            <source>&lt; 1 %</source>
            <translation>1 %未満</translation>
        </message>
        <message>
            <source>up to {users} users · {limit} binds</source>
            <translation>{users} 人まで・{limit}が先に効く</translation>
        </message>
        <message>
            <source>up to {users} users</source>
            <translation>{users} 人まで</translation>
        </message>
        <message>
            <source>API price not given</source>
            <translation>API 単価 未入力</translation>
        </message>
        <message>
            <source>Owning is cheaper</source>
            <translation>自社が安い</translation>
        </message>
        <message>
            <source>API is cheaper</source>
            <translation>API が安い</translation>
        </message>
        <message>
            <source>{said} By the API {price}.</source>
            <translation>{said} API では {price}。</translation>
        </message>
        <message>
            <source>one replica down</source>
            <translation>1 レプリカ停止時</translation>
        </message>
        <message>
            <source>one server down</source>
            <translation>サーバー 1 台停止時</translation>
        </message>
        <message>
            <source>one rack down</source>
            <translation>1 ラック停止時</translation>
        </message>
        <message numerus="yes">
            <source>and %n more server(s)</source>
            <translation><numerusform>ほか %n 台</numerusform></translation>
        </message>
        <message numerus="yes">
            <source>%n spare replica(s)</source>
            <translation><numerusform>予備 %n レプリカ</numerusform></translation>
        </message>
        <message>
            <source>Server and layout</source>
            <translation>サーバーと配置</translation>
        </message>
        <message>
            <source>Load carried</source>
            <translation>処理できる負荷</translation>
        </message>
        <message>
            <source>{count} working points in {seconds} s · every server and format · click to use</source>
            <translation>{count} 点を {seconds} 秒で評価・全サーバーと精度・クリックで採用</translation>
        </message>
        <message>
            <source>No server of the catalogue keeps the limits</source>
            <translation>カタログのどのサーバーでも上限を守れません</translation>
        </message>
        <message>
            <source>No server that carries the load has a price</source>
            <translation>この負荷を捌けるサーバーの価格が分かりません</translation>
        </message>
        <message>
            <source>Of the servers with a price none carries the load for less than {server}</source>
            <translation>価格の分かるサーバーの中では {server} が最も安く捌けます</translation>
        </message>
        <message>
            <source>Nothing carries the load for less than {server}</source>
            <translation>この負荷は {server} が最も安く捌けます</translation>
        </message>
        <message>
            <source>{server} carries the whole load</source>
            <translation>{server} なら負荷をすべて捌けます</translation>
        </message>
        <message>
            <source>{server} carries the load on {gpus}</source>
            <translation>{server} なら {gpus} で捌けます</translation>
        </message>
        <message>
            <source>{server} in {precision}: {price} a million tokens instead of {before}</source>
            <translation>{server}（{precision}）なら 100 万トークン {price}（今は {before}）</translation>
        </message>
        <message>
            <source>Owning wins from {tokens} tokens a day</source>
            <translation>1 日 {tokens}トークンから自社が安い</translation>
        </message>
        <message>
            <source>The API costs less at every load that these servers carry</source>
            <translation>このサーバーで処理できる負荷では常に API が安い</translation>
        </message>
        <message>
            <source>API cheaper at every load</source>
            <translation>常に API が安い</translation>
        </message>
        <message>
            <source>from {tokens} a day</source>
            <translation>1 日 {tokens}から</translation>
        </message>
        <message>
            <source>Performance</source>
            <translation>性能</translation>
        </message>
        <message>
            <source>Calendar</source>
            <translation>カレンダー</translation>
        </message>
        <message>
            <source>What is shown of serving</source>
            <translation>推論の表示</translation>
        </message>
</context>
    <context>
        <name>Calendar</name>
        <message>
            <source>Growth a year, %</source>
            <translation>年間の伸び（%）</translation>
        </message>
        <message>
            <source>The share that is asked for grows by it, a quarter at a time</source>
            <translation>求める割合が、四半期ごとにこの率で増えます</translation>
        </message>
        <message>
            <source>Takes what is left</source>
            <translation>空きを使う</translation>
        </message>
        <message>
            <source>Up to its share, and only what the entries before it leave</source>
            <translation>割合を上限に、先の予定が残した分だけを使います</translation>
        </message>
        <message>
            <source>Assign automatically</source>
            <translation>自動で割り当て</translation>
        </message>
        <message>
            <source>Makes all entries from the plans: serving by day, training by night and in what is left</source>
            <translation>すべての予定を計画から作ります。昼は推論、夜と空きは学習です</translation>
        </message>
        <message>
            <source>The growth is a number from -90 to 1,000 % a year.</source>
            <translation>年間の伸びは -90 から 1,000 % の数値です。</translation>
        </message>
        <message>
            <source>From {quarter} on more than {limit} is claimed: plan more servers</source>
            <translation>{quarter} から {limit} を超えます。サーバーの増設を計画してください</translation>
        </message>
        <message>
            <source>Switch-over, min</source>
            <translation>切り替え（分）</translation>
        </message>
        <message>
            <source>Maintenance</source>
            <translation>保守</translation>
        </message>
        <message>
            <source>No work runs on its share, and its hours are no use of the cluster</source>
            <translation>この割合では作業を行わず、稼働にも数えません</translation>
        </message>
        <message>
            <source>Minutes without work each time the plan takes over: drain, weights, checkpoint</source>
            <translation>計画が GPU を引き継ぐたびに作業できない時間（停止・重みやチェックポイントの読み込み）</translation>
        </message>
        <message>
            <source>More priority</source>
            <translation>優先を上げる</translation>
        </message>
        <message>
            <source>Less</source>
            <translation>下げる</translation>
        </message>
        <message>
            <source>Less priority</source>
            <translation>優先を下げる</translation>
        </message>
        <message>
            <source>The switch-over is a number of minutes from 0 to 1,440.</source>
            <translation>切り替えは 0～1,440 分で入力してください。</translation>
        </message>
        <message>
            <source>By priority: where two claim the same GPUs the earlier one has them</source>
            <translation>優先順。同じ GPU を使う予定では上の予定が優先されます</translation>
        </message>
        <message>
            <source>{plan}: hours for {runs} trainings</source>
            <translation>{plan}：学習 {runs} 回分</translation>
        </message>
        <message>
            <source>{plan} comes before it at those hours: give this entry more priority first.</source>
            <translation>その時間は {plan} が優先されます。先にこの予定の優先を上げてください。</translation>
        </message>
        <message>
            <source>Day</source>
            <translation>曜日</translation>
        </message>
        <message>
            <source>From</source>
            <translation>開始</translation>
        </message>
        <message>
            <source>To</source>
            <translation>終了</translation>
        </message>
        <message>
            <source>Plan</source>
            <translation>計画</translation>
        </message>
        <message>
            <source>Share</source>
            <translation>割合</translation>
        </message>
        <message>
            <source>{hour}:00</source>
            <translation>{hour}時</translation>
        </message>
        <message>
            <source>{day} {low}–{high} h: {plan}, {share} of the cluster</source>
            <translation>{day} {low}～{high} 時：{plan}、クラスタの {share}</translation>
        </message>
        <message>
            <source>Month</source>
            <translation>月</translation>
        </message>
        <message>
            <source>Utilization</source>
            <translation>稼働率</translation>
        </message>
        <message>
            <source>{month}: {plan} {share}</source>
            <translation>{month}：{plan} {share}</translation>
        </message>
        <message>
            <source>Mon</source>
            <translation>月</translation>
        </message>
        <message>
            <source>Tue</source>
            <translation>火</translation>
        </message>
        <message>
            <source>Wed</source>
            <translation>水</translation>
        </message>
        <message>
            <source>Thu</source>
            <translation>木</translation>
        </message>
        <message>
            <source>Fri</source>
            <translation>金</translation>
        </message>
        <message>
            <source>Sat</source>
            <translation>土</translation>
        </message>
        <message>
            <source>Sun</source>
            <translation>日</translation>
        </message>
        <message>
            <source>every day</source>
            <translation>毎日</translation>
        </message>
        <message>
            <source>all day</source>
            <translation>終日</translation>
        </message>
        <message>
            <source>Days</source>
            <translation>曜日</translation>
        </message>
        <message>
            <source>Hours</source>
            <translation>時間</translation>
        </message>
        <message>
            <source>horizon</source>
            <translation>期間末</translation>
        </message>
        <message>
            <source>Week before</source>
            <translation>前の週</translation>
        </message>
        <message>
            <source>Week after</source>
            <translation>次の週</translation>
        </message>
        <message>
            <source>{count} entries</source>
            <translation>予定 {count} 件</translation>
        </message>
        <message>
            <source>Made up from the plans; a change takes them into the file</source>
            <translation>計画から仮に作成。変更するとファイルに保存されます</translation>
        </message>
        <message>
            <source>{day} {date}</source>
            <translation>{date}（{day}）</translation>
        </message>
        <message>
            <source>{plans} claim {share} of the cluster from {date} on</source>
            <translation>{date} から {plans} の合計がクラスタの {share} になります</translation>
        </message>
        <message>
            <source>{share} of all hours are in use</source>
            <translation>全時間の {share} が稼働</translation>
        </message>
        <message>
            <source>not in the costs yet</source>
            <translation>費用には未反映</translation>
        </message>
        <message>
            <source>the costs count with it</source>
            <translation>費用に反映</translation>
        </message>
        <message>
            <source>Width: the whole cluster; height: 24 hours · utilization {share}, {note}</source>
            <translation>幅＝クラスタ全体、高さ＝24 時間・稼働率 {share}（{note}）</translation>
        </message>
        <message>
            <source>Busiest: {month} with {share}</source>
            <translation>最も忙しいのは {month}（{share}）</translation>
        </message>
        <message>
            <source>Share of all hours by plan; the line is the whole cluster · {hours} h a week in use</source>
            <translation>計画別の時間の割合・線はクラスタ全体・週 {hours} 時間稼働</translation>
        </message>
        <message>
            <source>Hours, e.g. 8-20</source>
            <translation>時間（例：8-20）</translation>
        </message>
        <message>
            <source>Share of the cluster, %</source>
            <translation>クラスタの割合（%）</translation>
        </message>
        <message>
            <source>Add an entry</source>
            <translation>予定を追加</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>削除</translation>
        </message>
        <message>
            <source>Choose an entry, or add one</source>
            <translation>予定を選ぶか、追加してください</translation>
        </message>
        <message>
            <source>The end is no date: 2027-03-31, or nothing for the horizon.</source>
            <translation>終了日を読めません。2027-03-31 のように入力するか、空欄（期間末）にしてください。</translation>
        </message>
        <message>
            <source>The start is no date, such as 2027-03-31.</source>
            <translation>開始日を読めません（例：2027-03-31）。</translation>
        </message>
        <message>
            <source>The end lies before the start.</source>
            <translation>終了日が開始日より前です。</translation>
        </message>
        <message>
            <source>Hours are written 8-20, or nothing for the whole day.</source>
            <translation>時間は 8-20 のように入力するか、空欄（終日）にしてください。</translation>
        </message>
        <message>
            <source>Hours of an entry must span some time, and less than the whole day.</source>
            <translation>時間帯は 0 時間より長く、24 時間より短くしてください。</translation>
        </message>
        <message>
            <source>At least one day of the week is needed.</source>
            <translation>曜日を 1 つ以上選んでください。</translation>
        </message>
        <message>
            <source>The share is a number above 0 and up to 100 %.</source>
            <translation>割合は 0 より大きく 100 % までの数です。</translation>
        </message>
        <message>
            <source>Hours lie between 0 and 24 and span some time.</source>
            <translation>時間は 0～24 時の範囲で、開始と終了が異なる必要があります。</translation>
        </message>
    </context>
</TS>
