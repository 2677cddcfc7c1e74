<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en_US">
<context>
    <name>Totals</name>
    <message>
        <source>, </source>
        <translation>・</translation>
    </message>
    <message>
        <source>without {names}</source>
        <translation>{names}を除く</translation>
    </message>
    <message>
        <source>indicative prices</source>
        <translation>参考値を含む</translation>
    </message>
    <message>
        <source> · </source>
        <translation> · </translation>
    </message>
</context>
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
</context>
<context>
    <name>Fields</name>
    <message>
        <source>The number of trainings sets this. Choose “always on” to set it yourself.</source>
        <translation>学習の回数から決まります。自分で入力するには「常時」を選んでください。</translation>
    </message>
</context>
</TS>
