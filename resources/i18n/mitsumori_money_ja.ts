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
</TS>
