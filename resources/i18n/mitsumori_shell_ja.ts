<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en_US">
<context>
    <name>Choices</name>
    <message>
        <source>Pre-training</source>
        <translation>事前学習</translation>
    </message>
    <message>
        <source>Continual pre-training</source>
        <translation>継続事前学習</translation>
    </message>
    <message>
        <source>Supervised fine-tuning</source>
        <translation>指示チューニング</translation>
    </message>
    <message>
        <source>LoRA</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>QLoRA</source>
        <translation>QLoRA</translation>
    </message>
    <message>
        <source>DPO</source>
        <translation>DPO</translation>
    </message>
    <message>
        <source>RLHF (PPO)</source>
        <translation>RLHF（PPO）</translation>
    </message>
    <message>
        <source>GRPO</source>
        <translation>GRPO</translation>
    </message>
    <message>
        <source>Synthetic data</source>
        <translation>合成データ生成</translation>
    </message>
    <message>
        <source>FP32</source>
        <translation>FP32</translation>
    </message>
    <message>
        <source>TF32</source>
        <translation>TF32</translation>
    </message>
    <message>
        <source>FP16</source>
        <translation>FP16</translation>
    </message>
    <message>
        <source>BF16</source>
        <translation>BF16</translation>
    </message>
    <message>
        <source>FP8</source>
        <translation>FP8</translation>
    </message>
    <message>
        <source>MXFP8</source>
        <translation>MXFP8</translation>
    </message>
    <message>
        <source>NVFP4</source>
        <translation>NVFP4</translation>
    </message>
    <message>
        <source>Adam</source>
        <translation>Adam</translation>
    </message>
    <message>
        <source>Adam, 8-bit</source>
        <translation>Adam（8 ビット）</translation>
    </message>
    <message>
        <source>Adafactor</source>
        <translation>Adafactor</translation>
    </message>
    <message>
        <source>Muon</source>
        <translation>Muon</translation>
    </message>
    <message>
        <source>SGD</source>
        <translation>SGD</translation>
    </message>
    <message>
        <source>None</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Selective</source>
        <translation>選択的</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>全体</translation>
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
        <source>Megatron</source>
        <translation>Megatron</translation>
    </message>
    <message>
        <source>torchtitan</source>
        <translation>torchtitan</translation>
    </message>
    <message>
        <source>LLM Foundry</source>
        <translation>LLM Foundry</translation>
    </message>
    <message>
        <source>DeepSpeed</source>
        <translation>DeepSpeed</translation>
    </message>
    <message>
        <source>JAX</source>
        <translation>JAX</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>その他</translation>
    </message>
    <message>
        <source>Tuned by hand</source>
        <translation>調整済み</translation>
    </message>
    <message>
        <source>As delivered</source>
        <translation>標準のまま</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>不明</translation>
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
        <source>On</source>
        <translation>あり</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>All-to-all</source>
        <translation>全対全</translation>
    </message>
    <message>
        <source>DeepEP</source>
        <translation>DeepEP</translation>
    </message>
    <message>
        <source>HybridEP</source>
        <translation>HybridEP</translation>
    </message>
    <message>
        <source>Unfused</source>
        <translation>非融合</translation>
    </message>
    <message>
        <source>FlashAttention-2</source>
        <translation>FlashAttention-2</translation>
    </message>
    <message>
        <source>FlashAttention-3</source>
        <translation>FlashAttention-3</translation>
    </message>
    <message>
        <source>FlashAttention-4</source>
        <translation>FlashAttention-4</translation>
    </message>
    <message>
        <source>Whole layer</source>
        <translation>層全体</translation>
    </message>
    <message>
        <source>Ring</source>
        <translation>リング</translation>
    </message>
    <message>
        <source>Ulysses</source>
        <translation>Ulysses</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>通常</translation>
    </message>
    <message>
        <source>Fused</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>In chunks</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメータ</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>チェックポイント</translation>
    </message>
    <message>
        <source>Hugging Face</source>
        <translation>Hugging Face</translation>
    </message>
    <message>
        <source>torchtune</source>
        <translation>torchtune</translation>
    </message>
    <message>
        <source>Optimizer states and checkpoints</source>
        <translation>オプティマイザ状態とチェックポイント</translation>
    </message>
    <message>
        <source>States, parameters and checkpoints</source>
        <translation>状態・パラメータ・チェックポイント</translation>
    </message>
    <message>
        <source>By software</source>
        <translation>ソフトウェアによる</translation>
    </message>
    <message>
        <source>Rated maximum</source>
        <translation>定格最大</translation>
    </message>
    <message>
        <source>Power cap</source>
        <translation>電力制限</translation>
    </message>
    <message>
        <source>Measured peak</source>
        <translation>実測最大</translation>
    </message>
    <message>
        <source>Contracted power</source>
        <translation>契約電力</translation>
    </message>
    <message>
        <source>N (none)</source>
        <translation>N（なし）</translation>
    </message>
    <message>
        <source>N+1</source>
        <translation>N+1</translation>
    </message>
    <message>
        <source>2N</source>
        <translation>2N</translation>
    </message>
    <message>
        <source>On demand</source>
        <translation>オンデマンド</translation>
    </message>
    <message>
        <source>Reserved, 1 year</source>
        <translation>1年予約</translation>
    </message>
    <message>
        <source>Reserved, 3 years</source>
        <translation>3年予約</translation>
    </message>
    <message>
        <source>Spot</source>
        <translation>スポット</translation>
    </message>
    <message>
        <source>Own hall</source>
        <translation>自社設備</translation>
    </message>
    <message>
        <source>Colocation</source>
        <translation>コロケーション</translation>
    </message>
    <message>
        <source>Straight line</source>
        <translation>定額法</translation>
    </message>
    <message>
        <source>Declining balance</source>
        <translation>定率法</translation>
    </message>
    <message>
        <source>Attention only</source>
        <translation>アテンションのみ</translation>
    </message>
    <message>
        <source>All linear layers</source>
        <translation>全線形層</translation>
    </message>
    <message>
        <source>Yen</source>
        <translation>円</translation>
    </message>
    <message>
        <source>US dollars</source>
        <translation>米ドル</translation>
    </message>
    <message>
        <source>Enter the size myself</source>
        <translation>自分で入力</translation>
    </message>
    <message>
        <source>No cloud comparison</source>
        <translation>クラウドと比べない</translation>
    </message>
    <message>
        <source>Standard for the server</source>
        <translation>サーバーの標準</translation>
    </message>
    <message>
        <source>Standard</source>
        <translation>標準</translation>
    </message>
    <message>
        <source>Current</source>
        <translation>最新</translation>
    </message>
    <message>
        <source>In-house chat</source>
        <translation>社内チャット</translation>
    </message>
    <message>
        <source>RAG</source>
        <translation>RAG</translation>
    </message>
    <message>
        <source>Coding</source>
        <translation>コーディング</translation>
    </message>
    <message>
        <source>Minutes</source>
        <translation>議事録</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>バッチ処理</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>エージェント</translation>
    </message>
    <message>
        <source>Own lengths</source>
        <translation>長さを指定</translation>
    </message>
    <message>
        <source>One replica</source>
        <translation>1 レプリカ</translation>
    </message>
    <message>
        <source>One server</source>
        <translation>1 サーバー</translation>
    </message>
    <message>
        <source>One rack</source>
        <translation>1 ラック</translation>
    </message>
    <message>
        <source>vLLM</source>
        <translation>vLLM</translation>
    </message>
    <message>
        <source>SGLang</source>
        <translation>SGLang</translation>
    </message>
    <message>
        <source>TensorRT-LLM</source>
        <translation>TensorRT-LLM</translation>
    </message>
    <message>
        <source>Multi-token prediction</source>
        <translation>マルチトークン予測</translation>
    </message>
    <message>
        <source>Draft model</source>
        <translation>ドラフトモデル</translation>
    </message>
    <message>
        <source>MXFP4</source>
        <translation>MXFP4</translation>
    </message>
    <message>
        <source>INT4</source>
        <translation>INT4</translation>
    </message>
    <message>
        <source>The cluster&apos;s server</source>
        <translation>クラスタのサーバー</translation>
    </message>


</context>
<context>
    <name>DropTarget</name>
    <message>
        <source>Drop an estimate or a workbook here to open it</source>
        <translation>見積もりファイルやブックをここに置いて開く</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>Something went wrong; your plan is unchanged.</source>
        <translation>問題が起きました。見積もりは変わっていません。</translation>
    </message>
</context>
<context>
    <name>Export</name>
    <message>
        <source>For the customer, {language}</source>
        <translation>お客様向け（{language}）</translation>
    </message>
    <message>
        <source>Internal, with purchase price and margin, {language}</source>
        <translation>社内用、仕入れ価格と利益率を含む（{language}）</translation>
    </message>
    <message>
        <source>Excel workbooks</source>
        <translation>Excel ブック</translation>
    </message>
    <message>
        <source>Export proposal</source>
        <translation>提案書を出力</translation>
    </message>
    <message>
        <source>{file} was written.</source>
        <translation>{file} を書き出しました。</translation>
    </message>
    <message>
        <source>Writing {file} …</source>
        <translation>{file} を書き出しています…</translation>
    </message>
        <message>
            <source>Slides, PDF, several scenarios…</source>
            <translation>スライド・PDF・複数案…</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>種類</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>言語</translation>
        </message>
        <message>
            <source>For</source>
            <translation>宛先</translation>
        </message>
        <message>
            <source>Scenarios</source>
            <translation>対象の案</translation>
        </message>
        <message>
            <source>PowerPoint slides</source>
            <translation>PowerPoint スライド</translation>
        </message>
        <message>
            <source>Excel workbook</source>
            <translation>Excel ブック</translation>
        </message>
        <message>
            <source>Slides as PDF, to read</source>
            <translation>スライドの PDF（閲覧用）</translation>
        </message>
        <message>
            <source>the customer</source>
            <translation>お客様向け</translation>
        </message>
        <message>
            <source>ourselves, with purchase price and margin</source>
            <translation>社内用（仕入れ価格と利益率を含む）</translation>
        </message>
        <message>
            <source>the one shown</source>
            <translation>表示中の案のみ</translation>
        </message>
        <message>
            <source>all, the one shown first</source>
            <translation>すべて（表示中の案を先頭に）</translation>
        </message>
        <message>
            <source>Template of the slides</source>
            <translation>スライドのテンプレート</translation>
        </message>
        <message>
            <source>ours</source>
            <translation>標準</translation>
        </message>
        <message>
            <source>Choose…</source>
            <translation>選択…</translation>
        </message>
        <message>
            <source>Choose a template</source>
            <translation>テンプレートを選択</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>キャンセル</translation>
        </message>
        <message>
            <source>Choose the file…</source>
            <translation>ファイルを選択…</translation>
        </message>
        <message>
            <source>PowerPoint templates</source>
            <translation>PowerPoint テンプレート</translation>
        </message>
        <message>
            <source>The template is not there; choose a .potx or .pptx file.</source>
            <translation>テンプレートが見つかりません。.potx または .pptx のファイルを選んでください。</translation>
        </message>
        <message>
            <source>PowerPoint presentations</source>
            <translation>PowerPoint プレゼンテーション</translation>
        </message>
        <message>
            <source>PDF documents</source>
            <translation>PDF 文書</translation>
        </message>
    </context>
<context>
    <name>Fields</name>
    <message>
        <source>The parallel layout in use: chosen by the program, or set by hand below.</source>
        <translation>使用中の並列構成です。プログラムが選ぶか、下の欄で設定します。</translation>
    </message>
    <message>
        <source>Standard: {value} ({source}).</source>
        <translation>標準値：{value}（{source}）</translation>
    </message>
    <message>
        <source>Left open: {what}.</source>
        <translation>空欄の場合：{what}</translation>
    </message>
    <message>
        <source>A new plan begins with {value}.</source>
        <translation>新しい計画の初期値：{value}</translation>
    </message>
    <message>
        <source>Key: {key}</source>
        <translation>キー：{key}</translation>
    </message>
    <message>
        <source>Accepted: {low} to {high} {unit}</source>
        <translation>範囲：{low} ～ {high} {unit}</translation>
    </message>
    <message>
        <source>Accepted: {low} {unit} or more</source>
        <translation>範囲：{low} {unit} 以上</translation>
    </message>
    <message>
        <source>Accepted: up to {high} {unit}</source>
        <translation>範囲：{high} {unit} 以下</translation>
    </message>
    <message>
        <source>= {gpus}</source>
        <translation>台 = {gpus}</translation>
    </message>
    <message>
        <source>Workload</source>
        <translation>ワークロード</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>クラスタ</translation>
    </message>
    <message>
        <source>Parallelism</source>
        <translation>並列化</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>Facility</source>
        <translation>設備</translation>
    </message>
    <message>
        <source>Money</source>
        <translation>費用</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>推論</translation>
    </message>


</context>
<context>
    <name>FindingRow</name>
    <message>
        <source>Enter it</source>
        <translation>入力する</translation>
    </message>
    <message>
        <source>Enter: {message}</source>
        <translation>入力：{message}</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>問題 %n 件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>警告 %n 件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n suggestion(s)</source>
        <translation>
            <numerusform>改善案 %n 件</numerusform>
        </translation>
    </message>
    <message>
        <source>Works offline</source>
        <translation>オフラインで動作中</translation>
    </message>
    <message>
        <source>No findings</source>
        <translation>指摘なし</translation>
    </message>
    <message>
        <source>{count}: show all</source>
        <translation>{count}：すべて表示</translation>
    </message>
    <message>
        <source>Catalogue {date}</source>
        <translation>カタログ {date}</translation>
    </message>
    <message numerus="yes">
        <source>Calibrated on %n measured run(s)</source>
        <translation>
            <numerusform>較正 実測 %n 件</numerusform>
        </translation>
    </message>
    <message>
        <source>{calibrated} · median error {error}</source>
        <translation>{calibrated} · 誤差の中央値 {error}</translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) overridden</source>
        <translation>
            <numerusform>上書き %n 項目</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not given</source>
        <translation>
            <numerusform>未入力 %n 項目</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Guide</name>
    <message>
        <source>Guide</source>
        <translation>使い方</translation>
    </message>
    <message>
        <source>Show the tour</source>
        <translation>案内を見る</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Describe the training</source>
        <translation>学習を決める</translation>
    </message>
    <message>
        <source>Move a slider or type a value with its unit, such as 70B or 3.5T. Enter takes it over; Ctrl+Z takes it back.</source>
        <translation>スライダーを動かすか、70B や 3.5兆 のように単位付きで入力します。Enter で確定し、Ctrl+Z で戻せます。</translation>
    </message>
    <message>
        <source>Read the four answers</source>
        <translation>4 つの答えを読む</translation>
    </message>
    <message>
        <source>Memory, days, racks and cost follow at once, each with its limit or interval. Click a card to see where the figure comes from.</source>
        <translation>メモリ・日数・ラック・費用が、上限や区間とともにすぐ変わります。カードを選ぶと数値の根拠が開きます。</translation>
    </message>
    <message>
        <source>Look closer</source>
        <translation>詳しく見る</translation>
    </message>
    <message>
        <source>Each view opens with its finding. Right-click a chart to copy it; the small table beside its title shows its numbers.</source>
        <translation>どの表示も、わかったことを見出しにしています。図は右クリックで複写でき、見出しの横の表で数値を確かめられます。</translation>
    </message>
    <message>
        <source>Compare and present</source>
        <translation>比べて、見せる</translation>
    </message>
    <message>
        <source>Add scenarios with plus and compare them. F11 presents: larger type, and nothing internal on the screen.</source>
        <translation>＋でシナリオを加えて比較します。F11 の発表では文字が大きくなり、社内の数値は表示されません。</translation>
    </message>
    <message>
        <source>Know what it rests on</source>
        <translation>根拠を知る</translation>
    </message>
    <message>
        <source>Here are the findings, the date of the catalogue, and how many inputs are still not given. F1 opens the guide.</source>
        <translation>指摘の数、カタログの日付、未入力の数をここに示します。F1 で使い方を開きます。</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>終わる</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>次へ</translation>
    </message>
    <message>
        <source>End the tour</source>
        <translation>案内を終える</translation>
    </message>
</context>
<context>
    <name>Headline</name>
    <message>
        <source>Last result</source>
        <translation>変更前の結果</translation>
    </message>
    <message>
        <source>This plan cannot be computed</source>
        <translation>この構成は計算できません</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>収まる</translation>
    </message>
    <message>
        <source>Tight</source>
        <translation>余裕が少ない</translation>
    </message>
    <message>
        <source>Does not fit</source>
        <translation>収まらない</translation>
    </message>
    <message>
        <source>GPU memory</source>
        <translation>GPU メモリ</translation>
    </message>
    <message>
        <source>The memory is not known.</source>
        <translation>メモリは不明です。</translation>
    </message>
    <message>
        <source>{gb} GB spare ({share})</source>
        <translation>余裕 {gb} GB（{share}）</translation>
    </message>
    <message>
        <source>{gb} GB spare</source>
        <translation>余裕 {gb} GB</translation>
    </message>
    <message>
        <source>{gb} GB too much on every GPU</source>
        <translation>どの GPU でも {gb} GB 超過</translation>
    </message>
    <message>
        <source>{gb} GB too much</source>
        <translation>{gb} GB 超過</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>メモリ</translation>
    </message>
    <message>
        <source>Training days</source>
        <translation>学習日数</translation>
    </message>
    <message>
        <source>Shown for orientation only</source>
        <translation>参考値です</translation>
    </message>
    <message>
        <source>80 % interval {interval} {unit}</source>
        <translation>80 % 区間 {interval} {unit}</translation>
    </message>
    <message>
        <source>80 %: {interval} {unit}</source>
        <translation>80 %：{interval} {unit}</translation>
    </message>
    <message>
        <source>{unit}, if it fitted</source>
        <translation>{unit}（収まる場合）</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>日数</translation>
    </message>
    <message>
        <source>Racks</source>
        <translation>ラック</translation>
    </message>
    <message>
        <source>Not given</source>
        <translation>未入力</translation>
    </message>
    <message>
        <source>Not cooled</source>
        <translation>冷やせない</translation>
    </message>
    <message>
        <source>Hall too small</source>
        <translation>室に入らない</translation>
    </message>
    <message>
        <source>Cooled</source>
        <translation>冷える</translation>
    </message>
    <message>
        <source>+ {support}</source>
        <translation>本 ＋ {support}</translation>
    </message>
    <message>
        <source>racks</source>
        <translation>本</translation>
    </message>
    <message>
        <source>{values} · bound by {limit}</source>
        <translation>{values} · 上限は {limit}</translation>
    </message>
    <message>
        <source>{span} cost, excl. tax</source>
        <translation>{span}間の総費用（税抜）</translation>
    </message>
    <message numerus="yes">
        <source>%n not given</source>
        <translation>
            <numerusform>未入力 %n</numerusform>
        </translation>
    </message>
    <message>
        <source>month {month}</source>
        <translation>{month} か月目</translation>
    </message>
    <message>
        <source>Break-even in {month} · {term}, {used} used</source>
        <translation>{month}に逆転 · {term}、稼働率 {used}</translation>
    </message>
    <message>
        <source>Break-even in {month} · {term}</source>
        <translation>{month}に逆転 · {term}</translation>
    </message>
    <message>
        <source>Break-even in {month}</source>
        <translation>{month}に逆転</translation>
    </message>
    <message>
        <source>Owning catches up in month {month}, but costs more in the end</source>
        <translation>{month} か月目に追いつくが、最後はオンプレミスが高い</translation>
    </message>
    <message>
        <source>Owning is cheaper at first, but costs more in the end</source>
        <translation>はじめは安いが、最後はオンプレミスが高い</translation>
    </message>
    <message>
        <source>Owning costs more in the end</source>
        <translation>最後はオンプレミスが高い</translation>
    </message>
    <message>
        <source>Owning is cheaper from the first month</source>
        <translation>初月からオンプレミスが安い</translation>
    </message>
    <message>
        <source>Owning is cheaper at once</source>
        <translation>初月から安い</translation>
    </message>
    <message>
        <source>On-premises follows once the racks can be cooled</source>
        <translation>オンプレミスは冷却できるようになると出ます</translation>
    </message>
    <message>
        <source>The total is not known yet</source>
        <translation>合計はまだ決まりません</translation>
    </message>
    <message>
        <source>No break-even in {span}</source>
        <translation>{span}では逆転しません</translation>
    </message>
    <message>
        <source>No break-even</source>
        <translation>逆転しません</translation>
    </message>
    <message>
        <source>On-premises</source>
        <translation>オンプレミス</translation>
    </message>
    <message>
        <source>Cloud</source>
        <translation>クラウド</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>費用</translation>
    </message>
    <message>
        <source>One server is too much for a rack</source>
        <translation>1 台でもラックの限度を超過</translation>
    </message>
    <message>
        <source>One server needs {need} of {limit} kVA</source>
        <translation>1 台で {need} / {limit} kVA</translation>
    </message>
    <message>
        <source>{need} of {limit} kVA</source>
        <translation>{need} / {limit} kVA</translation>
    </message>
    <message>
        <source>height units</source>
        <translation>ユニット数</translation>
    </message>
    <message>
        <source>kVA</source>
        <translation>kVA</translation>
    </message>
    <message>
        <source>air cooling</source>
        <translation>空気の冷却</translation>
    </message>
    <message>
        <source>liquid cooling</source>
        <translation>液体の冷却</translation>
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
        <source>kW</source>
        <translation>kW</translation>
    </message>
    <message>
        <source>Not known yet</source>
        <translation>まだ決まりません</translation>
    </message>
    <message>
        <source>For orientation</source>
        <translation>参考値</translation>
    </message>
    <message>
        <source>rack</source>
        <translation>本</translation>
    </message>
</context>
<context>
    <name>InputRow</name>
    <message>
        <source>not given</source>
        <translation>未入力</translation>
    </message>
    <message>
        <source>standard {value}</source>
        <translation>標準 {value}</translation>
    </message>
    <message>
        <source>Choose one; the list says which have a public price.</source>
        <translation>選んでください。公表価格の有無は一覧に出ます。</translation>
    </message>
    <message>
        <source>Enter the rate and its date.</source>
        <translation>レートとその日付を入力してください。</translation>
    </message>
    <message>
        <source>No published figure. Ask for a quotation and enter it.</source>
        <translation>公表値がありません。見積もりを取って入力。</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>標準に戻す</translation>
    </message>
    <message>
        <source>Reset {label} to the standard value</source>
        <translation>{label}を標準に戻す</translation>
    </message>
    <message>
        <source>{name}, slider</source>
        <translation>{name}、スライダー</translation>
    </message>
</context>
<context>
    <name>PresentPage</name>
    <message>
        <source>{count} tokens</source>
        <translation>{count}トークン</translation>
    </message>
    <message>
        <source>{servers} × {server}</source>
        <translation>{server} × {servers} 台</translation>
    </message>
    <message>
        <source>The servers cannot be placed.</source>
        <translation>サーバーを設置できません。</translation>
    </message>
    <message>
        <source>{cooling} · {limit} kVA allowed</source>
        <translation>{cooling} · 許容 {limit} kVA</translation>
    </message>
    <message>
        <source>Cumulative cost, excluding consumption tax</source>
        <translation>累計費用、税抜</translation>
    </message>
    <message>
        <source>One step, {time}</source>
        <translation>1 ステップ {time}</translation>
    </message>
    <message>
        <source>MFU {share}</source>
        <translation>MFU {share}</translation>
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
        <source>End presentation</source>
        <translation>発表を終える</translation>
    </message>
    <message>
        <source>Presentation; arrow keys change the chart</source>
        <translation>発表。矢印キーで図を切り替え</translation>
    </message>
    <message>
        <source>{model}, {stage}</source>
        <translation>{model} {stage}</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>費用</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>日数</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>メモリ</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>応答</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>トークン</translation>
    </message>
</context>
<context>
    <name>ProjectFiles</name>
    <message>
        <source>{path} could not be written: {reason}.</source>
        <translation>{path} に書き込めませんでした（{reason}）。</translation>
    </message>
    <message>
        <source>Estimates, workbooks and configurations</source>
        <translation>見積もり・ブック・設定ファイル</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Estimates</source>
        <translation>見積もり</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the changes to “{name}”?</source>
        <translation>「{name}」の変更を保存しますか？</translation>
    </message>
    <message>
        <source>Without saving, the changes since the last save are lost.</source>
        <translation>保存しないと、前回の保存からの変更は失われます。</translation>
    </message>
    <message>
        <source>Do not save</source>
        <translation>保存しない</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>“{name}” was changed by another program since it was opened here.</source>
        <translation>「{name}」は開いた後に別のプログラムで変更されています。</translation>
    </message>
    <message>
        <source>Overwriting it loses the other changes; the file keeps a backup of them.</source>
        <translation>上書きすると別の変更は失われます（バックアップには残ります）。</translation>
    </message>
    <message>
        <source>Overwrite</source>
        <translation>上書きする</translation>
    </message>
    <message>
        <source>Save under another name</source>
        <translation>別名で保存</translation>
    </message>
    <message>
        <source>“{name}” was not saved when the program ended. Show it again?</source>
        <translation>「{name}」は保存されずに終了しました。もう一度開きますか？</translation>
    </message>
    <message>
        <source>Show it again</source>
        <translation>もう一度開く</translation>
    </message>
    <message>
        <source>Ask again later</source>
        <translation>あとで決める</translation>
    </message>
    <message>
        <source>Throw it away</source>
        <translation>破棄する</translation>
    </message>
    <message>
        <source>No copy of the unsaved work could be written: {reason}. Save it.</source>
        <translation>保存していない変更の控えを書き込めませんでした：{reason}。ファイルに保存してください。</translation>
    </message>
</context>
<context>
    <name>RecentRow</name>
    <message>
        <source>cannot be read</source>
        <translation>読めません</translation>
    </message>
    <message numerus="yes">
        <source>%n scenario(s)</source>
        <translation>
            <numerusform>%n 案</numerusform>
        </translation>
    </message>
    <message>
        <source>today {time}</source>
        <translation>今日 {time}</translation>
    </message>
    <message>
        <source>yesterday {time}</source>
        <translation>昨日 {time}</translation>
    </message>
</context>
<context>
    <name>Refusals</name>
    <message>
        <source>{label}: “{typed}” is not a number such as 1.5, 70B, 2T or 3.5兆.</source>
        <translation>{label}：「{typed}」は数値として読めません。1.5、70B、2T、3.5兆 のように入力してください。</translation>
    </message>
    <message>
        <source>{label} needs a value.</source>
        <translation>{label}を入力してください。</translation>
    </message>
</context>
<context>
    <name>SampleCard</name>
    <message numerus="yes">
        <source>rack(s)</source>
        <translation>
            <numerusform>本</numerusform>
        </translation>
    </message>
    <message>
        <source>Training</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>Racks</source>
        <translation>ラック</translation>
    </message>
    <message>
        <source>Total cost</source>
        <translation>総費用</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count}トークン</translation>
    </message>
</context>
<context>
    <name>ScenarioChip</name>
    <message>
        <source>Rename…</source>
        <translation>名前を変更…</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>複製</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>削除</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>Fewer</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>More</source>
        <translation>詳細</translation>
    </message>
    <message>
        <source>Fewer inputs of {group}</source>
        <translation>{group}の詳細を閉じる</translation>
    </message>
    <message>
        <source>More inputs of {group}</source>
        <translation>{group}の詳細を開く</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Pre-training</source>
        <translation>ゼロから事前学習</translation>
    </message>
    <message>
        <source>Continual pre-training</source>
        <translation>継続事前学習</translation>
    </message>
    <message>
        <source>RLHF, DPO</source>
        <translation>RLHF・DPO</translation>
    </message>
    <message>
        <source>Synthetic data</source>
        <translation>合成データ生成</translation>
    </message>
    <message>
        <source>Mixture of experts</source>
        <translation>MoE</translation>
    </message>
    <message>
        <source>Enter it myself</source>
        <translation>自分で入力</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>まだない</translation>
    </message>
    <message>
        <source>How large is the model?</source>
        <translation>モデルの大きさは</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>New estimate</source>
        <translation>新しい見積もり</translation>
    </message>
    <message>
        <source>The rest starts at standard values; change them one by one.</source>
        <translation>残りは標準値で始め、あとから一つずつ変えられます。</translation>
    </message>
    <message>
        <source>Start the estimate</source>
        <translation>見積もりを始める</translation>
    </message>
    <message>
        <source>Open a file</source>
        <translation>ファイルを開く</translation>
    </message>
    <message>
        <source>Start from a sample</source>
        <translation>見本から始める</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>まだありません</translation>
    </message>
    <message>
        <source>Recent estimates</source>
        <translation>最近使った見積もり</translation>
    </message>
</context>
<context>
    <name>Samples</name>
    <message>
        <source>Hall of 30 kVA with rear doors</source>
        <translation>30 kVA リアドアの部屋</translation>
    </message>
    <message>
        <source>Own terms, LoRA of an 8B</source>
        <translation>自社用語 LoRA 8B</translation>
    </message>
    <message>
        <source>Nightly batch</source>
        <translation>夜間バッチ</translation>
    </message>
    <message>
        <source>In-house chat for 500</source>
        <translation>社内チャット 500 人</translation>
    </message>
    <message>
        <source>Coding assistant for 200</source>
        <translation>コーディング支援 200 人</translation>
    </message>
    <message>
        <source>MoE of DeepSeek's class on NVL72</source>
        <translation>DeepSeek 級 MoE, NVL72</translation>
    </message>
    <message>
        <source>RAG for 3,000</source>
        <translation>RAG 3,000 人</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>not planned</source>
        <translation>計画なし</translation>
    </message>
    <message>
        <source>{rate} requests/s</source>
        <translation>{rate} リクエスト/秒</translation>
    </message>
    <message>
        <source>{count} at once</source>
        <translation>同時 {count} 件</translation>
    </message>
    <message>
        <source>{count} users</source>
        <translation>{count} 人</translation>
    </message>
    <message>
        <source>{server} × {servers} = {gpus}</source>
        <translation>{server} × {servers} 台 = {gpus}</translation>
    </message>
    <message>
        <source>{months} mo · {share} % used</source>
        <translation>{months} か月 · 稼働率 {share} %</translation>
    </message>
    <message>
        <source>{months} mo · {share} % used · ¥{rate}/$</source>
        <translation>{months} か月 · 稼働率 {share} % · {rate}円/$</translation>
    </message>
</context>
<context>
    <name>Toolbar</name>
    <message>
        <source>Scenario {letter}: {name}</source>
        <translation>シナリオ {letter}：{name}</translation>
    </message>
    <message>
        <source>Rename scenario</source>
        <translation>シナリオ名の変更</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>言語</translation>
    </message>
    <message>
        <source>Currency of the results</source>
        <translation>結果の通貨</translation>
    </message>
</context>
<context>
    <name>Undo</name>
    <message>
        <source>Add scenario</source>
        <translation>シナリオの追加</translation>
    </message>
    <message>
        <source>Remove scenario</source>
        <translation>シナリオの削除</translation>
    </message>
    <message>
        <source>Rename scenario</source>
        <translation>シナリオ名の変更</translation>
    </message>
        <message>
            <source>Change the proposal</source>
            <translation>提案書の変更</translation>
        </message>
    </context>
<context>
    <name>Workspace</name>
    <message>
        <source>Computing</source>
        <translation>計算中</translation>
    </message>
    <message>
        <source>Change {field}</source>
        <translation>{field}の変更</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>適用</translation>
    </message>
    <message>
        <source>Scenario {letter}</source>
        <translation>シナリオ {letter}</translation>
    </message>
    <message>
        <source>The plan is as it was before the presentation.</source>
        <translation>見積もりは発表前の状態に戻りました。</translation>
    </message>
    <message>
        <source>Take the trial over</source>
        <translation>試算を反映する</translation>
    </message>
        <message>
            <source>Change the calendar</source>
            <translation>カレンダーの変更</translation>
        </message>
</context>
<context>
    <name>Panes</name>
    <message>
        <source>Views</source>
        <translation>表示</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>Width of the inputs</source>
        <translation>入力欄の幅</translation>
    </message>
    <message>
        <source>Results at a glance</source>
        <translation>主な結果</translation>
    </message>
</context>
<context>
    <name>SaveFile</name>
    <message>
        <source>{file} could not be written: {reason}.</source>
        <translation>{file} を書き出せません: {reason}。</translation>
    </message>
    <message>
        <source>“{name}” exists already.</source>
        <translation>「{name}」はすでに存在します。</translation>
    </message>
    <message>
        <source>Replacing it keeps a backup of what it holds now, with .bak after its name.</source>
        <translation>置き換えると、現在の内容は名前の末尾に .bak を付けて残されます。</translation>
    </message>
    <message>
        <source>Another name</source>
        <translation>別の名前</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>置き換える</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
</context>
<context>
    <name>FindingsPanel</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>問題 %n 件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>警告 %n 件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n suggestion(s)</source>
        <translation>
            <numerusform>改善案 %n 件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n question(s)</source>
        <translation>
            <numerusform>確認事項 %n 件</numerusform>
        </translation>
    </message>
    <message>
        <source>No findings</source>
        <translation>指摘なし</translation>
    </message>
    <message>
        <source>Close the findings</source>
        <translation>指摘を閉じる</translation>
    </message>
    <message>
        <source>Close the findings (Esc)</source>
        <translation>指摘を閉じる（Esc）</translation>
    </message>
</context>
<context>
    <name>PresentHead</name>
    <message>
        <source>End presentation</source>
        <translation>発表を終える</translation>
    </message>
    <message>
        <source>Trial · Reset</source>
        <translation>試算中 · 元に戻す</translation>
    </message>
    <message>
        <source>Trial: put the inputs back as they were</source>
        <translation>試算中：入力を元に戻す</translation>
    </message>
    <message>
        <source>Scenario {letter}, {name}</source>
        <translation>シナリオ {letter}、{name}</translation>
    </message>
</context>
<context>
    <name>ChartDots</name>
    <message>
        <source>{name}, {at} of {all}</source>
        <translation>{name}、{all} 枚中 {at} 枚目</translation>
    </message>
</context>
<context>
    <name>ListPopup</name>
    <message>
        <source>Type to narrow the list</source>
        <translation>入力して絞り込む</translation>
    </message>
    <message>
        <source>{name}, search</source>
        <translation>{name}、検索</translation>
    </message>
    <message>
        <source>All</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>Only with this GPU</source>
        <translation>この GPU だけ</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>当てはまるものはありません。</translation>
    </message>
</context>
</TS>
