<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en_US">
<context>
    <name>Headline</name>
    <message>
        <source>{words} · {note}</source>
        <translation>{words} · {note}</translation>
    </message>
    <message>
        <source>d</source>
        <translation>日</translation>
    </message>
    <message numerus="yes">
        <source>%n guide value(s)</source>
        <translation>
            <numerusform>目安 %n 項目</numerusform>
        </translation>
    </message>
    <message>
        <source>{span} cost of one training, excl. tax</source>
        <translation>学習 1 回の費用（{span}、税抜）</translation>
    </message>
    <message>
        <source>{span} cost, {runs} trainings a year, excl. tax</source>
        <translation>{span}の費用（学習 年 {runs} 回、税抜）</translation>
    </message>
</context>
<context>
    <name>Compare</name>
    <message>
        <source>Owning: {letter} {amount}, A {before}.</source>
        <translation>保有費用：{letter} {amount}、A {before}。</translation>
    </message>
    <message>
        <source>In the cloud: {letter} {amount}, A {before}.</source>
        <translation>クラウド費用：{letter} {amount}、A {before}。</translation>
    </message>
    <message>
        <source>{letter} finishes in {time}, A in {before}.</source>
        <translation>学習日数：{letter} {time}、A {before}。</translation>
    </message>
    <message>
        <source>{letter} needs {racks} racks, A {before}.</source>
        <translation>ラック数：{letter} {racks} 本、A {before} 本。</translation>
    </message>
</context>
<context>
    <name>Cost</name>
    <message>
        <source>{title} ({note})</source>
        <translation>{title}（{note}）</translation>
    </message>
    <message>
        <source>n a year</source>
        <translation>年 n 回</translation>
    </message>
    <message>
        <source>{runs} a year</source>
        <translation>年 {runs} 回</translation>
    </message>
    <message>
        <source>One run</source>
        <translation>1 回</translation>
    </message>
    <message>
        <source>Always on</source>
        <translation>常時</translation>
    </message>
    <message>
        <source>What the cost is of</source>
        <translation>費用の対象となる使い方</translation>
    </message>
    <message>
        <source>For one training the cloud is cheaper: {cloud} against {owned}</source>
        <translation>学習 1 回だけなら、クラウドの {cloud} が自社保有の {owned} より安い</translation>
    </message>
    <message>
        <source>Even for one training owning is cheaper: {owned} against {cloud}</source>
        <translation>学習 1 回だけでも、自社保有の {owned} がクラウドの {cloud} より安い</translation>
    </message>
</context>
<context>
    <name>Plurals</name>
    <message numerus="yes">
        <source>%n value(s) overridden by you.</source>
        <translation>
            <numerusform>上書きした値は %n 件です。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Advisor</name>
    <message>
        <source>Indication only: the published price is weak or conflicting.</source>
        <translation>参考値：公表価格の出典が弱いか、食い違っています。</translation>
    </message>
    <message>
        <source>({amount})</source>
        <translation>（{amount}）</translation>
    </message>
    <message>
        <source>The cost of this plan is an indication only, so nothing is ranked by it</source>
        <translation>このプランの費用は参考値のため、順位付けには使いません</translation>
    </message>
    <message>
        <source>{amount} (indication: weak price)</source>
        <translation>{amount}（参考値）</translation>
    </message>
</context>
<context>
    <name>Dates</name>
    <message>
        <source>{days} days</source>
        <translation>{days}日</translation>
    </message>
</context>
<context>
    <name>InputRow</name>
    <message>
        <source>Open the calendar</source>
        <translation>カレンダーを開く</translation>
    </message>
</context>
<context>
    <name>Deadline</name>
    <message>
        <source>{days} days late</source>
        <translation>{days} 日遅れ</translation>
    </message>
    <message>
        <source>{days} days to spare</source>
        <translation>余裕 {days} 日</translation>
    </message>
    <message>
        <source>{words}, deadline {date}</source>
        <translation>{words}、期限 {date}</translation>
    </message>
    <message>
        <source>days of {allowed}</source>
        <translation>日 / {allowed} 日</translation>
    </message>
    <message>
        <source>Training days, P{level}</source>
        <translation>学習日数 P{level}</translation>
    </message>
    <message>
        <source>Finish, P{level}</source>
        <translation>終了日 P{level}</translation>
    </message>
    <message>
        <source>({day}) · by {date}</source>
        <translation>（{day}）· 期限 {date}</translation>
    </message>
    <message>
        <source>In time {chance}</source>
        <translation>間に合う {chance}</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translation>{days} 日</translation>
    </message>
    <message>
        <source>{slack} · {days}</source>
        <translation>{slack} · {days}</translation>
    </message>
    <message>
        <source>{slack} · P90: {end}</source>
        <translation>{slack} · P90 では{end}</translation>
    </message>
    <message>
        <source>{words} · {days}</source>
        <translation>{words} · {days}</translation>
    </message>
    <message>
        <source>P{level}</source>
        <translation>終了 P{level}</translation>
    </message>
</context>
<context>
    <name>Gantt</name>
    <message>
        <source>Task</source>
        <translation>作業</translation>
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
        <source>Days</source>
        <translation>日数</translation>
    </message>
    <message>
        <source>{days} (assumed)</source>
        <translation>{days}（仮定）</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>確率</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日付</translation>
    </message>
    <message>
        <source>% ended</source>
        <translation>% 終わっている確率</translation>
    </message>
    <message>
        <source>Deadline {date}</source>
        <translation>期限 {date}</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>Server delivery</source>
        <translation>サーバー納期</translation>
    </message>
    <message>
        <source>Power, cooling works</source>
        <translation>電源・冷却工事</translation>
    </message>
    <message>
        <source>not given: counted as 0 (assumed)</source>
        <translation>未入力：0 日と仮定</translation>
    </message>
    <message>
        <source>{months} months</source>
        <translation>{months} か月</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>Ends on {day} with {level} % certainty</source>
        <translation>{level} % の見込みで {day} に終わる</translation>
    </message>
    <message>
        <source>{title}: {slack}</source>
        <translation>{title}。{slack}</translation>
    </message>
    <message>
        <source>From {day} · hatched: assumed · the thin end reaches to P90</source>
        <translation>{day} から · 斜線は仮定の期間 · 細い端は P90 まで</translation>
    </message>
    <message>
        <source>The deadline is kept with a probability of {chance}</source>
        <translation>期限に間に合う確率は {chance}</translation>
    </message>
    <message>
        <source>From the 80 % interval of the training days, log-normal on either side</source>
        <translation>学習日数の 80 % 区間から（中央値の両側を対数正規分布とする）</translation>
    </message>
    <message>
        <source>Installation, tests</source>
        <translation>搬入・設定・試験</translation>
    </message>
    <message>
        <source>{span} (guide)</source>
        <translation>{span}（目安）</translation>
    </message>
    <message>
        <source>{span} (company default)</source>
        <translation>{span}（社内既定）</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translation>{days} 日</translation>
    </message>
    <message>
        <source>Use guide values</source>
        <translation>目安の期間を使う</translation>
    </message>
    <message>
        <source>Delivery, works and installation that nobody gave: published guide values, marked as such</source>
        <translation>未入力の納期・工事・搬入に、公表の目安値を目安の印付きで入れます</translation>
    </message>
</context>
<context>
    <name>Choices</name>
    <message>
        <source>One training</source>
        <translation>1 回の学習</translation>
    </message>
    <message>
        <source>Several a year</source>
        <translation>年 n 回</translation>
    </message>
    <message>
        <source>Always on</source>
        <translation>常時</translation>
    </message>
    <message>
        <source>Low voltage</source>
        <translation>低圧</translation>
    </message>
    <message>
        <source>High voltage</source>
        <translation>高圧</translation>
    </message>
    <message>
        <source>Special high voltage</source>
        <translation>特別高圧</translation>
    </message>
    <message>
        <source>Sapporo</source>
        <translation>札幌</translation>
    </message>
    <message>
        <source>Sendai</source>
        <translation>仙台</translation>
    </message>
    <message>
        <source>Tokyo</source>
        <translation>東京</translation>
    </message>
    <message>
        <source>Nagoya</source>
        <translation>名古屋</translation>
    </message>
    <message>
        <source>Osaka</source>
        <translation>大阪</translation>
    </message>
    <message>
        <source>Hiroshima</source>
        <translation>広島</translation>
    </message>
    <message>
        <source>Fukuoka</source>
        <translation>福岡</translation>
    </message>
    <message>
        <source>Naha</source>
        <translation>那覇</translation>
    </message>
    <message>
        <source>Object storage</source>
        <translation>オブジェクト</translation>
    </message>
    <message>
        <source>Managed Lustre</source>
        <translation>マネージド Lustre</translation>
    </message>
    <message>
        <source>Object storage, Lustre in front</source>
        <translation>オブジェクト＋前段 Lustre</translation>
    </message>
    <message>
        <source>On the training GPUs</source>
        <translation>学習用 GPU と共用</translation>
    </message>
    <message>
        <source>On GPUs of its own</source>
        <translation>専用 GPU</translation>
    </message>
    <message>
        <source>On GPUs of its own, asynchronous</source>
        <translation>専用 GPU・非同期</translation>
    </message>
    <message>
        <source>{instance}, {region}</source>
        <translation>{instance}、{region}</translation>
    </message>
    <message>
        <source>{instance} · no public price</source>
        <translation>{instance} · 公表価格なし</translation>
    </message>
    <message>
        <source>Other GPUs</source>
        <translation>ほかの GPU</translation>
    </message>
    <message>
        <source>The plan's GPU, in Japan</source>
        <translation>この構成の GPU・国内</translation>
    </message>
    <message>
        <source>The plan's GPU, abroad</source>
        <translation>この構成の GPU・国外</translation>
    </message>
    <message>
        <source>As the other amounts</source>
        <translation>ほかの金額と同じ</translation>
    </message>
    <message>
        <source>Campaign, with failures</source>
        <translation>実運用（障害・保存を含む）</translation>
    </message>
    <message>
        <source>Benchmark, steps alone</source>
        <translation>ベンチマーク（ステップだけ）</translation>
    </message>
</context>
<context>
    <name>Fields</name>
    <message>
        <source>The number of trainings sets this. Choose “always on” to set it yourself.</source>
        <translation>学習の回数から決まります。自分で入力するには「常時」を選んでください。</translation>
    </message>
</context>
<context>
    <name>Missing</name>
    <message>
        <source>Guide</source>
        <translation>目安</translation>
    </message>
    <message>
        <source>Not in scope (0)</source>
        <translation>対象外（0）</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>{name}, missing item</source>
        <translation>{name}、未入力の項目</translation>
    </message>
    <message>
        <source>not given</source>
        <translation>未入力</translation>
    </message>
    <message>
        <source>Kept</source>
        <translation>保存済み</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存する</translation>
    </message>
    <message>
        <source>{name}: keep as the company's default</source>
        <translation>{name}：会社の既定値に保存</translation>
    </message>
    <message>
        <source>Company default</source>
        <translation>会社の既定値</translation>
    </message>
    <message>
        <source>No public value</source>
        <translation>公表値がありません</translation>
    </message>
    <message>
        <source>A quotation is needed.</source>
        <translation>見積もりが必要です。</translation>
    </message>
    <message>
        <source>Company</source>
        <translation>社内既定</translation>
    </message>
    <message>
        <source>Indication</source>
        <translation>参考値</translation>
    </message>
    <message>
        <source>Grade {grade}</source>
        <translation>格付け {grade}</translation>
    </message>
    <message>
        <source> — no public price</source>
        <translation> — 公表価格なし</translation>
    </message>
    <message>
        <source>Nobody publishes a value for this; a quotation is needed.</source>
        <translation>公表値がありません。見積もりが必要です。</translation>
    </message>
    <message>
        <source>The guide value is in dollars: enter the exchange rate first.</source>
        <translation>目安はドル建てです。先に為替レートを入力してください。</translation>
    </message>
    <message>
        <source>This cannot be left out.</source>
        <translation>この項目は対象外にできません。</translation>
    </message>
    <message>
        <source>Missing items</source>
        <translation>不足している項目</translation>
    </message>
    <message>
        <source>What is kept stands with its date in a file of the company (prices.toml) and enters every new plan.</source>
        <translation>保存した値は日付つきで会社のファイル（prices.toml）に残り、次の新しい見積もりに入ります。</translation>
    </message>
    <message>
        <source>Use all guide values</source>
        <translation>目安をすべて使う</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>Close and go on</source>
        <translation>閉じて続ける</translation>
    </message>
    <message numerus="yes">
        <source>%n item(s) missing</source>
        <translation>
            <numerusform>不足している %n 項目</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is missing</source>
        <translation>不足している項目はありません</translation>
    </message>
    <message>
        <source>{done} settled. Guide values are the middle of a published band and stay marked as such.</source>
        <translation>{done} 項目を設定しました。目安は公表された幅の中央で、「目安」と表示されます。</translation>
    </message>
    <message>
        <source>On-premises {owned} · cloud {cloud}</source>
        <translation>オンプレミス {owned} · クラウド {cloud}</translation>
    </message>
    <message>
        <source>Range from the guide values: {low} – {high}</source>
        <translation>目安の幅による範囲：{low} – {high}</translation>
    </message>
</context>
<context>
    <name>Exchange</name>
    <message>
        <source>its own price is used</source>
        <translation>このサーバーの価格に戻しました</translation>
    </message>
    <message>
        <source>the price entered for the other server is not used</source>
        <translation>前のサーバーの価格は使いません</translation>
    </message>
    <message>
        <source>cloud: {instance}</source>
        <translation>クラウドは {instance}</translation>
    </message>
    <message>
        <source>no cloud instance with this GPU</source>
        <translation>この GPU のクラウドはありません</translation>
    </message>
    <message>
        <source>cloud prices entered for the other are not used</source>
        <translation>前のクラウド単価は使いません</translation>
    </message>
    <message>
        <source>power, weight and replaced figures follow the server</source>
        <translation>電力・重量・上書きした値もサーバーに合わせました</translation>
    </message>
    <message>
        <source>{name}: {changes}. Going back restores them.</source>
        <translation>{name}：{changes}。サーバーを戻すと元に戻ります。</translation>
    </message>
    <message>
        <source>; </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Inputs were changed.</source>
        <translation>入力を変更しました。</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>{names} and {more} more</source>
        <translation>{names} ほか {more} 項目</translation>
    </message>
    <message>
        <source>Changed: {names}.</source>
        <translation>変更：{names}。</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
</context>
<context>
    <name>Clouds</name>
    <message>
        <source>On demand</source>
        <translation>オンデマンド</translation>
    </message>
    <message>
        <source>Monthly</source>
        <translation>月額</translation>
    </message>
    <message>
        <source>1 year</source>
        <translation>1 年予約</translation>
    </message>
    <message>
        <source>3 years</source>
        <translation>3 年予約</translation>
    </message>
    <message>
        <source>Spot</source>
        <translation>スポット</translation>
    </message>
    <message>
        <source>One run</source>
        <translation>学習 1 回</translation>
    </message>
    <message>
        <source>Per month</source>
        <translation>月あたり</translation>
    </message>
    <message>
        <source>/month</source>
        <translation>/月</translation>
    </message>
    <message>
        <source>/h</source>
        <translation>/時</translation>
    </message>
    <message>
        <source>Provider and instance</source>
        <translation>提供者と機種</translation>
    </message>
    <message>
        <source>Price date</source>
        <translation>価格の日付</translation>
    </message>
    <message>
        <source>up front, whatever is run</source>
        <translation>初期費用</translation>
    </message>
    <message>
        <source>running costs a month</source>
        <translation>月あたりの運転費</translation>
    </message>
    <message>
        <source>owning</source>
        <translation>自社保有</translation>
    </message>
    <message>
        <source>Owning</source>
        <translation>自社保有</translation>
    </message>
    <message>
        <source>not offered</source>
        <translation>提供なし</translation>
    </message>
    <message>
        <source>no public price</source>
        <translation>公表価格なし</translation>
    </message>
    <message>
        <source>{head}: no public price. Click to enter a quote.</source>
        <translation>{head}：公表価格がありません。クリックして見積もりを入力します。</translation>
    </message>
    <message>
        <source>1 year at least</source>
        <translation>最低 1 年</translation>
    </message>
    <message>
        <source>the exchange rate is missing</source>
        <translation>為替レートが未入力です</translation>
    </message>
    <message>
        <source>({amount})</source>
        <translation>（{amount}）</translation>
    </message>
    <message>
        <source>without storage or egress, whose price is not public</source>
        <translation>公表価格のないストレージ・転送を除く</translation>
    </message>
    <message>
        <source>used in the comparison</source>
        <translation>比較に使用</translation>
    </message>
    <message>
        <source>What the amounts are about</source>
        <translation>金額の対象</translation>
    </message>
    <message>
        <source>No cloud with these GPUs has a public price</source>
        <translation>この GPU の公表価格のあるクラウドはありません</translation>
    </message>
    <message>
        <source>{provider} {term}</source>
        <translation>{provider} {term}</translation>
    </message>
    <message>
        <source>One run costs {amount} at least in the cloud ({cheapest})</source>
        <translation>学習 1 回なら、クラウドは {amount} から（{cheapest}）</translation>
    </message>
    <message>
        <source>Cheapest cloud with a firm price: {cheapest}, {amount}</source>
        <translation>中断のない公表価格で最も安いクラウドは {cheapest} の {amount}</translation>
    </message>
    <message>
        <source>Among firm prices owning is cheapest: {owned}</source>
        <translation>中断のない公表価格の中では、自社保有の {owned} が最も安い</translation>
    </message>
    <message>
        <source>{cheapest} is cheapest: {amount}, owning {owned}</source>
        <translation>{cheapest} が最も安い：{amount}、自社保有 {owned}</translation>
    </message>
    <message>
        <source>Instance or region</source>
        <translation>機種・地域で絞り込む</translation>
    </message>
    <message>
        <source>In chart</source>
        <translation>図に表示</translation>
    </message>
    <message>
        <source>in the chart</source>
        <translation>図に表示中</translation>
    </message>
    <message>
        <source>not in the chart</source>
        <translation>図に出していない</translation>
    </message>
    <message>
        <source>{name}: compared</source>
        <translation>{name}：比較に使用</translation>
    </message>
    <message>
        <source>Show {name} in the chart</source>
        <translation>{name}を図に表示する</translation>
    </message>
    <message>
        <source>Take {name} out of the chart</source>
        <translation>{name}を図から外す</translation>
    </message>
    <message>
        <source>Fewer rows</source>
        <translation>行を減らす</translation>
    </message>
    <message>
        <source>All {count} rows</source>
        <translation>{count} 行すべて</translation>
    </message>
    <message>
        <source>{name} ({chip})</source>
        <translation>{name}（{chip}）</translation>
    </message>
    <message>
        <source>Compute, storage and egress of one training, excluding tax</source>
        <translation>学習 1 回分の計算・保管・データ転送、税抜</translation>
    </message>
    <message>
        <source>owning saves {amount}</source>
        <translation>自社が {amount} 安い</translation>
    </message>
    <message>
        <source>cloud saves {amount}</source>
        <translation>クラウドが {amount} 安い</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>比べる相手</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>逆転する月</translation>
    </message>
    <message>
        <source>No total of owning and of a cloud to compare yet</source>
        <translation>まだ比べられる総額がありません</translation>
    </message>
    <message>
        <source>Owning is cheaper than each of these over {span}</source>
        <translation>{span}ではどの相手よりも自社保有が安い</translation>
    </message>
    <message>
        <source>Owning is cheaper than {wins} of these {all} over {span}</source>
        <translation>{span}では {all} 件のうち {wins} 件より自社保有が安い</translation>
    </message>
    <message>
        <source>Each of these is cheaper than owning over {span}</source>
        <translation>{span}ではどの相手も自社保有より安い</translation>
    </message>
    <message>
        <source>Months rounded up</source>
        <translation>逆転する月は切り上げ</translation>
    </message>
    <message>
        <source>{note} · for one training alone {name} is cheaper: {amount}</source>
        <translation>{note} · 学習 1 回だけなら {name}の {amount} が安い</translation>
    </message>
    <message>
        <source>Excluding tax, Japan first · a click on a price compares with it · (…) indication, spot is interruptible</source>
        <translation>税抜 · 国内を先に表示 · 価格をクリックで比較に使用 · （ ）は参考値、スポットは中断あり</translation>
    </message>
    <message>
        <source>indication</source>
        <translation>参考値</translation>
    </message>
    <message>
        <source>entered</source>
        <translation>入力値</translation>
    </message>
    <message>
        <source>interruptible</source>
        <translation>中断あり</translation>
    </message>
</context>
<context>
    <name>Swap</name>
    <message>
        <source>Same GPUs</source>
        <translation>同じ GPU 数</translation>
    </message>
    <message>
        <source>Same days</source>
        <translation>同じ日数</translation>
    </message>
    <message>
        <source>Same cost</source>
        <translation>同じ費用</translation>
    </message>
    <message>
        <source>{gpu}, selected</source>
        <translation>{gpu}、選択中</translation>
    </message>
    <message>
        <source>{gpu}, not selected</source>
        <translation>{gpu}、未選択</translation>
    </message>
    <message>
        <source>GPU and server</source>
        <translation>GPU とサーバー</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>Finish P{level}</source>
        <translation>終了 P{level}</translation>
    </message>
    <message>
        <source>In time</source>
        <translation>間に合う</translation>
    </message>
    <message>
        <source>Racks</source>
        <translation>ラック</translation>
    </message>
    <message>
        <source>Cost of owning</source>
        <translation>保有費用</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>価格の根拠</translation>
    </message>
    <message>
        <source>{server} × {servers} = {gpus}</source>
        <translation>{server} × {servers}（{gpus}）</translation>
    </message>
    <message>
        <source>no number of servers keeps this</source>
        <translation>条件を満たす台数なし</translation>
    </message>
    <message>
        <source>does not fit the hall or its cooling</source>
        <translation>設備・冷却の条件に合わない</translation>
    </message>
    <message>
        <source>does not fit memory</source>
        <translation>メモリに収まらない</translation>
    </message>
    <message>
        <source>({amount})</source>
        <translation>（{amount}）</translation>
    </message>
    <message>
        <source>entered</source>
        <translation>入力値</translation>
    </message>
    <message>
        <source>published</source>
        <translation>公表値</translation>
    </message>
    <message>
        <source>indication</source>
        <translation>参考値</translation>
    </message>
    <message>
        <source>no public price</source>
        <translation>公表価格なし</translation>
    </message>
    <message>
        <source>The plan on other GPUs</source>
        <translation>他の GPU の場合</translation>
    </message>
    <message>
        <source>No other GPU with a firm price is faster</source>
        <translation>価格の確かな GPU で、これより速いものはない</translation>
    </message>
    <message>
        <source>{gpu} would take {days}</source>
        <translation>{gpu} なら {days}</translation>
    </message>
    <message>
        <source>{gpu} would take {days}, at {times} times the cost</source>
        <translation>{gpu} なら {days}、費用は {times} 倍</translation>
    </message>
    <message>
        <source>What is held</source>
        <translation>そろえる条件</translation>
    </message>
    <message>
        <source>Price in brackets: an indication only · a row swaps the GPU, Undo brings it back</source>
        <translation>（ ）内は参考値 · 行を選ぶと GPU が替わり、元に戻せます</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>台数別</translation>
    </message>
    <message>
        <source>By GPU</source>
        <translation>GPU 別</translation>
    </message>
    <message>
        <source>= cost</source>
        <translation>同費用</translation>
    </message>
    <message>
        <source>= days</source>
        <translation>同日数</translation>
    </message>
    <message>
        <source>= GPUs</source>
        <translation>同 GPU 数</translation>
    </message>
    <message>
        <source>A row swaps the GPU; brackets: indication only</source>
        <translation>行を選ぶと GPU が替わります。括弧内は参考値</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>日程</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>台数</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Dates</source>
        <translation>日程</translation>
    </message>
    <message>
        <source>Days by number, by kind of GPU, or on the calendar</source>
        <translation>学習日数を台数・GPU 別・日程で見る</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>LoRA, QLoRA</source>
        <translation>LoRA・QLoRA</translation>
    </message>
    <message>
        <source>Serving (chat, RAG)</source>
        <translation>推論（社内チャット・RAG）</translation>
    </message>
    <message>
        <source>Fine-tuning</source>
        <translation>指示チューニング</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30日</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>予算</translation>
    </message>
    <message>
        <source>800M yen</source>
        <translation>8億円</translation>
    </message>
    <message>
        <source>Hall, kVA a rack</source>
        <translation>設置場所（kVA/ラック）</translation>
    </message>
    <message>
        <source>30</source>
        <translation>30</translation>
    </message>
    <message>
        <source>8</source>
        <translation>8</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>サーバー台数</translation>
    </message>
    <message>
        <source>What shall it do?</source>
        <translation>何をしますか</translation>
    </message>
    <message>
        <source>Is anything fixed already? As many as you like, with their values.</source>
        <translation>決まっていることはありますか（いくつでも。値もここで入れられます）</translation>
    </message>
    <message>
        <source>New estimate</source>
        <translation>新しい見積もり</translation>
    </message>
    <message>
        <source>{servers} · {gpus}</source>
        <translation>{servers} 台 · {gpus}</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>In time</source>
        <translation>期限に間に合う確率</translation>
    </message>
    <message>
        <source>Racks</source>
        <translation>ラック</translation>
    </message>
    <message>
        <source>Cost over {span}</source>
        <translation>{span}の費用</translation>
    </message>
    <message>
        <source>prices missing</source>
        <translation>価格が未入力</translation>
    </message>
    <message>
        <source>A first plan; everything can be changed afterwards.</source>
        <translation>最初の案です。あとから何でも変えられます。</translation>
    </message>
    <message>
        <source>{reason} The budget of {amount} is judged once prices are given.</source>
        <translation>{reason}予算 {amount} は価格の入力後に判定します。</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>What shall we estimate?</source>
        <translation>何を見積もりますか</translation>
    </message>
    <message>
        <source>Choose what applies, with its values; the answer below follows.</source>
        <translation>当てはまるものをいくつでも選べます。選ぶたびに、下の答えが変わります。</translation>
    </message>
    <message>
        <source>Sample {name}</source>
        <translation>見本 {name}</translation>
    </message>
    <message>
        <source>Template {name}</source>
        <translation>雛形 {name}</translation>
    </message>
    <message>
        <source>None kept yet: “Missing items” keeps them.</source>
        <translation>まだありません。「不足している項目」で保存できます。</translation>
    </message>
    <message>
        <source>Company templates</source>
        <translation>会社の雛形</translation>
    </message>
    <message>
        <source>Company defaults</source>
        <translation>会社の既定値</translation>
    </message>
</context>
<context>
    <name>Menu</name>
    <message>
        <source>Duplicate as a new quote</source>
        <translation>複製して新しい見積もりにする</translation>
    </message>
    <message>
        <source>Save as a template</source>
        <translation>雛形として登録</translation>
    </message>
    <message>
        <source>What changed since a file…</source>
        <translation>ファイルとの変更点…</translation>
    </message>
    <message>
        <source>Missing items…</source>
        <translation>不足している項目…</translation>
    </message>
    <message>
        <source>A new quote: addressee, number and dates are empty.</source>
        <translation>新しい見積もりです。宛先・番号・日付は空です。</translation>
    </message>
    <message>
        <source>Kept as a template without the customer; it stands on the start page.</source>
        <translation>お客様の情報を除いて雛形に登録しました。開始ページに表示されます。</translation>
    </message>
</context>
<context>
    <name>RecentRow</name>
    <message>
        <source>Duplicate as new</source>
        <translation>複製して新規</translation>
    </message>
    <message>
        <source>Duplicate {name} as a new quote</source>
        <translation>{name} を複製して新しい見積もりにする</translation>
    </message>
</context>
<context>
    <name>Changed</name>
    <message>
        <source>Input</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>価格</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>結果</translation>
    </message>
    <message>
        <source>New scenario</source>
        <translation>追加された案</translation>
    </message>
    <message>
        <source>Scenario gone</source>
        <translation>なくなった案</translation>
    </message>
    <message>
        <source>What changed since {name}</source>
        <translation>{name} からの変更点</translation>
    </message>
    <message>
        <source>Scenario</source>
        <translation>案</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>種類</translation>
    </message>
    <message>
        <source>What</source>
        <translation>項目</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>変更前</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>変更後</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>違いはありません。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
</context>
</TS>
