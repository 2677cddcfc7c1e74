<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en">
    <context>
        <name>Calibrate</name>
        <message>
            <source>{speed} tokens/s ({interval}), {time}</source>
            <translation>{speed} トークン/秒（{interval}）、{time}</translation>
        </message>
        <message>
            <source>What was measured with {model} on {count} × {gpu}, laid out as {layout}? Every prediction of this estimate is then corrected towards it.</source>
            <translation>{gpu} {count} 基、配置 {layout} で {model} を学習したときの実測値を入力してください。以後、この見積もりの予測はすべて実測に合わせて補正されます。</translation>
        </message>
        <message>
            <source>Calibrate with a measured run</source>
            <translation>実測値で補正</translation>
        </message>
        <message>
            <source>tokens/s per GPU</source>
            <translation>トークン/秒/GPU</translation>
        </message>
        <message>
            <source>seconds per step</source>
            <translation>秒/ステップ</translation>
        </message>
        <message>
            <source>% MFU</source>
            <translation>% MFU</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>実測値</translation>
        </message>
        <message>
            <source>Unit of the measured value</source>
            <translation>実測値の単位</translation>
        </message>
        <message>
            <source>Name of the run</source>
            <translation>測定の名前</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>日付</translation>
        </message>
        <message>
            <source>Measured runs</source>
            <translation>実測</translation>
        </message>
        <message>
            <source>No measured runs yet.</source>
            <translation>実測はまだありません。</translation>
        </message>
        <message>
            <source>Try a CSV of runs…</source>
            <translation>実測の CSV と比べる…</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>削除</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>閉じる</translation>
        </message>
        <message>
            <source>Add the run</source>
            <translation>実測を追加</translation>
        </message>
        <message>
            <source>“{typed}” is not a number.</source>
            <translation>「{typed}」は数値ではありません。</translation>
        </message>
        <message>
            <source>The measured value must be greater than 0, and known for this plan.</source>
            <translation>実測値は 0 より大きく、このプランで換算できる値にしてください。</translation>
        </message>
        <message>
            <source>A speed of {speed} tokens/s is out of range.</source>
            <translation>{speed} トークン/秒は範囲外です。</translation>
        </message>
        <message>
            <source>This plan has no predicted speed to correct.</source>
            <translation>このプランには補正できる予測速度がありません。</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>現在</translation>
        </message>
        <message>
            <source>With this run</source>
            <translation>この実測で補正</translation>
        </message>
        <message>
            <source>The prediction moves by {percent} %; its 80 % interval goes from ±{before} to ±{after}</source>
            <translation>予測は {percent} % 動き、80 % 区間は ±{before} から ±{after} になります</translation>
        </message>
        <message>
            <source>What is predicted</source>
            <translation>現在の予測</translation>
        </message>
        <message>
            <source>This plan overrides the speed; reset it to see the correction at work.</source>
            <translation>このプランでは速度が上書きされています。上書きを解除すると補正が反映されます。</translation>
        </message>
        <message>
            <source>Calibrate</source>
            <translation>実測で補正</translation>
        </message>
        <message>
            <source>Run</source>
            <translation>測定</translation>
        </message>
        <message>
            <source>Measured (tokens/s per GPU)</source>
            <translation>実測値（トークン/秒/GPU）</translation>
        </message>
        <message>
            <source>Unnamed run</source>
            <translation>名前のない測定</translation>
        </message>
        <message>
            <source>Measured runs of this estimate</source>
            <translation>この見積もりの実測</translation>
        </message>
        <message>
            <source>Remove a measured run</source>
            <translation>実測を削除</translation>
        </message>
        <message>
            <source>Try a CSV of measured runs</source>
            <translation>実測の CSV と比べる</translation>
        </message>
        <message>
            <source>No run of this file could be predicted.</source>
            <translation>このファイルには予測できる測定がありません。</translation>
        </message>
        <message>
            <source>Runs compared: {count}. Median error {median}, nine in ten within {p90}; the 80 % interval holds {covered} of them.</source>
            <translation>{count} 件を比較しました。誤差の中央値は {median}、9 割が {p90} 以内、80 % 区間に入るのは {covered} です。</translation>
        </message>
        <message>
            <source>Predictions against {file}</source>
            <translation>{file} との比較</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Predicted</source>
            <translation>予測</translation>
        </message>
        <message>
            <source>Error</source>
            <translation>誤差</translation>
        </message>
    </context>
    <context>
        <name>Catalogue</name>
            <message>
            <source>Figures set here are kept in this estimate and marked as entered by the user; the catalogue that ships stays as it is.</source>
            <translation>ここで設定した値は「利用者の入力」としてこの見積もりに保存されます。製品のカタログは変わりません。</translation>
        </message>
        <message>
            <source>Catalogue</source>
            <translation>カタログ</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>種類</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>検索</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>項目</translation>
        </message>
        <message>
            <source>Figures of the record</source>
            <translation>項目の数値</translation>
        </message>
        <message>
            <source>Own value</source>
            <translation>自分の値</translation>
        </message>
        <message>
            <source>Set</source>
            <translation>設定</translation>
        </message>
        <message>
            <source>Set the own value</source>
            <translation>自分の値を設定</translation>
        </message>
        <message>
            <source>Reset the record</source>
            <translation>項目を元に戻す</translation>
        </message>
        <message>
            <source>Import a price list…</source>
            <translation>価格表を取り込む…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>閉じる</translation>
        </message>
        <message numerus="yes">
            <source>%n month(s)</source>
            <translation>
                <numerusform>%n か月</numerusform>
            </translation>
        </message>
        <message>
            <source>Record</source>
            <translation>項目</translation>
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
            <source>Age of the price</source>
            <translation>価格の古さ</translation>
        </message>
        <message>
            <source>Prices a year old or older: {count}</source>
            <translation>1 年以上前の価格: {count} 件</translation>
        </message>
        <message>
            <source>entered by the user</source>
            <translation>利用者の入力</translation>
        </message>
        <message>
            <source>Figure</source>
            <translation>数値</translation>
        </message>
        <message>
            <source>Value</source>
            <translation>値</translation>
        </message>
        <message>
            <source>No record holds this text.</source>
            <translation>この文字を含む項目はありません。</translation>
        </message>
        <message>
            <source>{name}: the price is {months} months old</source>
            <translation>{name}: 価格は {months} か月前のものです</translation>
        </message>
        <message>
            <source>“{typed}” is not a number.</source>
            <translation>「{typed}」は数値ではありません。</translation>
        </message>
        <message>
            <source>Change the catalogue</source>
            <translation>カタログの変更</translation>
        </message>
        <message>
            <source>Reset a record</source>
            <translation>項目を元に戻す</translation>
        </message>
        <message>
            <source>Price lists</source>
            <translation>価格表</translation>
        </message>
        <message>
            <source>Import a price list</source>
            <translation>価格表の取り込み</translation>
        </message>
        <message>
            <source>{file}: prices of records taken over: {count}</source>
            <translation>{file}: {count} 項目の価格を取り込みました</translation>
        </message>
        <message>
            <source>Servers</source>
            <translation>サーバー</translation>
        </message>
        <message>
            <source>GPUs and accelerators</source>
            <translation>GPU・アクセラレータ</translation>
        </message>
        <message>
            <source>Cloud prices</source>
            <translation>クラウド料金</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>モデル</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>ネットワーク</translation>
        </message>
        <message>
            <source>Storage</source>
            <translation>ストレージ</translation>
        </message>
        <message>
            <source>Cloud storage and egress</source>
            <translation>クラウドの保存・転送</translation>
        </message>
        <message>
            <source>Cooling</source>
            <translation>冷却</translation>
        </message>
        <message>
            <source>Tariffs and rates</source>
            <translation>料金・係数</translation>
        </message>
        <message>
            <source>Accelerators</source>
            <translation>アクセラレータ数</translation>
        </message>
        <message>
            <source>Height (U)</source>
            <translation>高さ（U）</translation>
        </message>
        <message>
            <source>Rated maximum power (kW)</source>
            <translation>定格最大電力（kW）</translation>
        </message>
        <message>
            <source>Peak power in training (kW)</source>
            <translation>学習時の最大電力（kW）</translation>
        </message>
        <message>
            <source>Average power in training (kW)</source>
            <translation>学習時の平均電力（kW）</translation>
        </message>
        <message>
            <source>Idle power (kW)</source>
            <translation>待機電力（kW）</translation>
        </message>
        <message>
            <source>Power supplies</source>
            <translation>電源の台数</translation>
        </message>
        <message>
            <source>One power supply (W)</source>
            <translation>電源 1 台（W）</translation>
        </message>
        <message>
            <source>Power left after a feed is lost (kW)</source>
            <translation>1 系統喪失時の電力（kW）</translation>
        </message>
        <message>
            <source>Share of heat to liquid</source>
            <translation>液体へ移る熱の割合</translation>
        </message>
        <message>
            <source>Weight (kg)</source>
            <translation>質量（kg）</translation>
        </message>
        <message>
            <source>Memory (GB)</source>
            <translation>メモリ（GB）</translation>
        </message>
        <message>
            <source>Usable memory (GiB)</source>
            <translation>使えるメモリ（GiB）</translation>
        </message>
        <message>
            <source>Memory bandwidth (TB/s)</source>
            <translation>メモリ帯域（TB/s）</translation>
        </message>
        <message>
            <source>Design power (W)</source>
            <translation>設計電力（W）</translation>
        </message>
        <message>
            <source>GPUs joined by the fast link</source>
            <translation>高速リンクで結ばれる GPU 数</translation>
        </message>
        <message>
            <source>Link, one direction (GB/s)</source>
            <translation>リンク、片方向（GB/s）</translation>
        </message>
        <message>
            <source>Link, both directions (GB/s)</source>
            <translation>リンク、双方向（GB/s）</translation>
        </message>
        <message>
            <source>Year</source>
            <translation>年</translation>
        </message>
        <message>
            <source>Price, low end</source>
            <translation>価格（下限）</translation>
        </message>
        <message>
            <source>Price, high end</source>
            <translation>価格（上限）</translation>
        </message>
        <message>
            <source>Price</source>
            <translation>価格</translation>
        </message>
        <message>
            <source>On demand, an hour</source>
            <translation>オンデマンド、1 時間</translation>
        </message>
        <message>
            <source>Reserved 1 year, an hour</source>
            <translation>1 年予約、1 時間</translation>
        </message>
        <message>
            <source>Reserved 3 years, an hour</source>
            <translation>3 年予約、1 時間</translation>
        </message>
        <message>
            <source>Spot, an hour</source>
            <translation>スポット、1 時間</translation>
        </message>
        <message>
            <source>A month</source>
            <translation>1 か月</translation>
        </message>
        <message>
            <source>Network (Gbit/s)</source>
            <translation>ネットワーク（Gbit/s）</translation>
        </message>
        <message>
            <source>vCPUs</source>
            <translation>vCPU 数</translation>
        </message>
        <message>
            <source>Main memory (GiB)</source>
            <translation>主記憶（GiB）</translation>
        </message>
        <message>
            <source>Parameters (B)</source>
            <translation>パラメータ数（B）</translation>
        </message>
        <message>
            <source>Active parameters (B)</source>
            <translation>有効パラメータ数（B）</translation>
        </message>
        <message>
            <source>Sequence length</source>
            <translation>系列長</translation>
        </message>
        <message>
            <source>Ports</source>
            <translation>ポート数</translation>
        </message>
        <message>
            <source>Rate of a port (Gbit/s)</source>
            <translation>ポートの速度（Gbit/s）</translation>
        </message>
        <message>
            <source>Typical power (W)</source>
            <translation>標準電力（W）</translation>
        </message>
        <message>
            <source>Maximum power (W)</source>
            <translation>最大電力（W）</translation>
        </message>
        <message>
            <source>Low end</source>
            <translation>下限</translation>
        </message>
        <message>
            <source>High end</source>
            <translation>上限</translation>
        </message>
        <message>
            <source>Heat to air, most (kW)</source>
            <translation>空気への熱の上限（kW）</translation>
        </message>
        <message>
            <source>Heat to liquid, most (kW)</source>
            <translation>液体への熱の上限（kW）</translation>
        </message>
        <message>
            <source>Rack limit (kVA)</source>
            <translation>ラックの上限（kVA）</translation>
        </message>
        <message>
            <source>Peak in {precision} (TFLOP/s)</source>
            <translation>{precision} の理論性能（TFLOP/s）</translation>
        </message>
        <message>
            <source>Measured matrix product in {precision} (TFLOP/s)</source>
            <translation>{precision} の行列積の実測（TFLOP/s）</translation>
        </message>
    <message>
        <source>{name} ({region})</source>
        <translation>{name}（{region}）</translation>
    </message>
</context>
    <context>
        <name>Import</name>
        <message>
            <source>Configurations and workbooks</source>
            <translation>設定ファイルとブック</translation>
        </message>
        <message>
            <source>Import a configuration or workbook</source>
            <translation>設定ファイルまたはブックを取り込む</translation>
        </message>
        <message>
            <source>The clipboard holds no text.</source>
            <translation>クリップボードに文字がありません。</translation>
        </message>
        <message>
            <source>{file} is too large for a configuration.</source>
            <translation>{file} は設定ファイルとしては大きすぎます。</translation>
        </message>
        <message>
            <source>{file} could not be read: {reason}.</source>
            <translation>{file} を読み込めません: {reason}。</translation>
        </message>
        <message>
            <source>The clipboard</source>
            <translation>クリップボード</translation>
        </message>
        <message>
            <source>Import a configuration</source>
            <translation>設定の取り込み</translation>
        </message>
        <message>
            <source>Open the estimate that {file} came from first: a workbook brings back only its inputs.</source>
            <translation>先に {file} の元になった見積もりを開いてください。ブックから戻せるのは入力値だけです。</translation>
        </message>
        <message>
            <source>{file} comes back with these inputs changed:</source>
            <translation>{file} では次の入力が変更されています。</translation>
        </message>
        <message>
            <source>Import the inputs of a workbook</source>
            <translation>ブックの入力を取り込む</translation>
        </message>
        <message>
            <source>The plan was changed meanwhile; import the file again.</source>
            <translation>その間にプランが変更されました。もう一度取り込んでください。</translation>
        </message>
        <message>
            <source>There is no room for another scenario; remove one first.</source>
            <translation>シナリオをこれ以上追加できません。先に 1 つ削除してください。</translation>
        </message>
        <message>
            <source>, </source>
            <translation>、</translation>
        </message>
        <message>
            <source>Copied for {tool}. The format has no word for: {names}.</source>
            <translation>{tool} の形式でコピーしました。この形式で表せない項目: {names}。</translation>
        </message>
        <message>
            <source>Copied for {tool}.</source>
            <translation>{tool} の形式でコピーしました。</translation>
        </message>
        <message>
            <source>Input</source>
            <translation>入力</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>現在</translation>
        </message>
        <message>
            <source>New</source>
            <translation>取り込み後</translation>
        </message>
        <message>
            <source>What changes</source>
            <translation>変わる項目</translation>
        </message>
        <message>
            <source>Nothing differs from the plan shown.</source>
            <translation>表示中のプランとの違いはありません。</translation>
        </message>
        <message>
            <source>Also to know</source>
            <translation>あわせてご確認ください</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>キャンセル</translation>
        </message>
        <message>
            <source>Add as a scenario</source>
            <translation>シナリオとして追加</translation>
        </message>
        <message>
            <source>Apply to the plan</source>
            <translation>プランに反映</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>閉じる</translation>
        </message>
        <message>
            <source>Origin</source>
            <translation>根拠</translation>
        </message>
        <message>
            <source>follows</source>
            <translation>連動</translation>
        </message>
        <message>
            <source>{file} is a configuration of {tool}. This is what was read:</source>
            <translation>{file} は {tool} の設定です。読み取った内容は次のとおりです。</translation>
        </message>
        <message>
            <source>read in the file</source>
            <translation>ファイルの記載</translation>
        </message>
        <message>
            <source>the tool&apos;s default</source>
            <translation>ツールの既定値</translation>
        </message>
        <message>
            <source>To check ({count})</source>
            <translation>確認事項（{count} 件）</translation>
        </message>
        <message>
            <source>Left aside ({count})</source>
            <translation>反映しない項目（{count} 件）</translation>
        </message>
        <message>
            <source>Assumed: the tool&apos;s own default ({count})</source>
            <translation>仮定した値：ツールの既定値（{count} 件）</translation>
        </message>
        <message>
            <source>Not in the file: the plan keeps its value ({count})</source>
            <translation>ファイルに記載なし：プランの値のまま（{count} 件）</translation>
        </message>
        <message>
            <source>Read: {read}. Assumed: {assumed}. Left aside: {left}.</source>
            <translation>読み取り {read} 件、仮定 {assumed} 件、反映しない項目 {left} 件。</translation>
        </message>
    </context>
    <context>
        <name>Menu</name>
        <message>
            <source>Show or fold the inputs</source>
            <translation>入力欄を表示・折りたたみ</translation>
        </message>
        <message>
            <source>Open…</source>
            <translation>開く…</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>開く</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>保存</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>名前を付けて保存…</translation>
        </message>
        <message>
            <source>New estimate</source>
            <translation>新しい見積もり</translation>
        </message>
        <message>
            <source>Export proposal…</source>
            <translation>提案書を出力…</translation>
        </message>
        <message>
            <source>Export proposal</source>
            <translation>提案書を出力</translation>
        </message>
        <message>
            <source>Print the one-page summary…</source>
            <translation>1 ページの概要を印刷…</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>元に戻す</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>やり直す</translation>
        </message>
        <message>
            <source>Add a scenario</source>
            <translation>シナリオを追加</translation>
        </message>
        <message>
            <source>Pin these results and compare with them</source>
            <translation>この結果を固定して比べる</translation>
        </message>
        <message>
            <source>Apply the recommended remedy</source>
            <translation>推奨の対策を適用</translation>
        </message>
        <message>
            <source>Compare the scenarios</source>
            <translation>シナリオを比較</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>比較</translation>
        </message>
        <message>
            <source>Larger</source>
            <translation>拡大</translation>
        </message>
        <message>
            <source>Smaller</source>
            <translation>縮小</translation>
        </message>
        <message>
            <source>Normal size</source>
            <translation>標準の大きさ</translation>
        </message>
        <message>
            <source>Switch between light and dark</source>
            <translation>明るい表示と暗い表示の切り替え</translation>
        </message>
        <message>
            <source>Present</source>
            <translation>発表</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>終了</translation>
        </message>
        <message>
            <source>Next part of the window</source>
            <translation>ウィンドウの次の部分</translation>
        </message>
        <message>
            <source>Previous part of the window</source>
            <translation>ウィンドウの前の部分</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>編集</translation>
        </message>
        <message>
            <source>View</source>
            <translation>表示</translation>
        </message>
        <message>
            <source>Menu</source>
            <translation>メニュー</translation>
        </message>
        <message>
            <source>Import a configuration or workbook…</source>
            <translation>設定ファイル・ブックを取り込む…</translation>
        </message>
        <message>
            <source>Paste a configuration</source>
            <translation>設定を貼り付け</translation>
        </message>
        <message>
            <source>Copy the configuration as</source>
            <translation>設定をコピー</translation>
        </message>
        <message>
            <source>Calibrate with a measured run…</source>
            <translation>実測値で補正…</translation>
        </message>
        <message>
            <source>Catalogue…</source>
            <translation>カタログ…</translation>
        </message>
        <message>
            <source>One-page summary as PDF…</source>
            <translation>1 ページの概要を PDF に…</translation>
        </message>
        <message>
            <source>Guide</source>
            <translation>ガイド</translation>
        </message>
        <message>
            <source>Tour</source>
            <translation>ツアー</translation>
        </message>
        <message>
            <source>Proposal of this file…</source>
            <translation>このファイルの提案書…</translation>
        </message>
        <message>
            <source>Issuer of proposals…</source>
            <translation>提案書の提出元…</translation>
        </message>
    </context>
    <context>
        <name>PlanWords</name>
        <message>
            <source>Samples</source>
            <translation>サンプル数</translation>
        </message>
        <message>
            <source>own shape</source>
            <translation>個別の構成</translation>
        </message>
        <message>
            <source>standard</source>
            <translation>標準</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>はい</translation>
        </message>
        <message>
            <source>no</source>
            <translation>いいえ</translation>
        </message>
    </context>
    <context>
        <name>Proposal</name>
        <message>
            <source>Issuer</source>
            <translation>提出元</translation>
        </message>
        <message>
            <source>Department</source>
            <translation>部署・担当</translation>
        </message>
        <message>
            <source>Contact</source>
            <translation>連絡先</translation>
        </message>
        <message>
            <source>Logo file</source>
            <translation>ロゴのファイル</translation>
        </message>
        <message>
            <source>PNG, JPEG or SVG</source>
            <translation>PNG・JPEG・SVG</translation>
        </message>
        <message>
            <source>Choose…</source>
            <translation>選択…</translation>
        </message>
        <message>
            <source>Choose a logo file</source>
            <translation>ロゴのファイルを選択</translation>
        </message>
        <message>
            <source>Marked confidential</source>
            <translation>社外秘と表示</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>キャンセル</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>保存</translation>
        </message>
        <message>
            <source>Pictures</source>
            <translation>画像</translation>
        </message>
        <message>
            <source>The issue date must be a date such as 2026-11-22, or empty.</source>
            <translation>作成日は 2026-11-22 のような日付か、空にしてください。</translation>
        </message>
        <message>
            <source>The logo must be a picture file of at most 2 MB.</source>
            <translation>ロゴは 2 MB 以下の画像ファイルにしてください。</translation>
        </message>
        <message>
            <source>These stand on every proposal written on this machine.</source>
            <translation>このパソコンで作成するすべての提案書に記載されます。</translation>
        </message>
        <message>
            <source>Issuer of proposals</source>
            <translation>提案書の提出元</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>住所</translation>
        </message>
        <message>
            <source>Registration number</source>
            <translation>登録番号</translation>
        </message>
        <message>
            <source>These belong to this file and stand on the cover of its workbook and slides.</source>
            <translation>このファイルに保存され、ブックの表紙とスライドに記載されます。</translation>
        </message>
        <message>
            <source>Proposal of this file</source>
            <translation>このファイルの提案書</translation>
        </message>
        <message>
            <source>days</source>
            <translation>日</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>適用</translation>
        </message>
        <message>
            <source>The validity must be a whole number of days from {low} to {high}.</source>
            <translation>有効日数は {low} から {high} までの整数で入力してください。</translation>
        </message>
        <message>
            <source>{field} is too long.</source>
            <translation>「{field}」が長すぎます。</translation>
        </message>
    </context>
    <context>
        <name>Summary</name>
        <message>
            <source>The summary could not be printed.</source>
            <translation>概要を印刷できませんでした。</translation>
        </message>
        <message>
            <source>The summary was sent to the printer.</source>
            <translation>概要をプリンターに送りました。</translation>
        </message>
        <message>
            <source>Cumulative cost, excluding consumption tax</source>
            <translation>累計費用（税抜）</translation>
        </message>
        <message>
            <source>One step, {time}</source>
            <translation>1 ステップ {time}</translation>
        </message>
        <message>
            <source>Where the time of a step goes</source>
            <translation>1 ステップの時間の内訳</translation>
        </message>
        <message>
            <source>Memory of one GPU, heaviest pipeline stage</source>
            <translation>GPU 1 基のメモリ（最も重いパイプライン段）</translation>
        </message>
        <message>
            <source>One-page summary, {language}</source>
            <translation>1 ページの概要、{language}</translation>
        </message>
        <message>
            <source>PDF documents</source>
            <translation>PDF 文書</translation>
        </message>
        <message>
            <source>Write the one-page summary</source>
            <translation>1 ページの概要を書き出す</translation>
        </message>
        <message>
            <source>{file} could not be written: {reason}.</source>
            <translation>{file} を書き出せません: {reason}。</translation>
        </message>
        <message>
            <source>{file} was written.</source>
            <translation>{file} を書き出しました。</translation>
        </message>
        <message>
            <source>Writing {file} …</source>
            <translation>{file} を書き出しています…</translation>
        </message>
    </context>
<context>
    <name>Export</name>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>フォルダーを表示</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>場所(&amp;L):</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>ファイルの種類(&amp;T):</translation>
    </message>
</context>
</TS>
