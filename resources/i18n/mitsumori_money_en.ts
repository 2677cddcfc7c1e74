<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>Plurals</name>
    <message numerus="yes">
        <source>%n value(s) overridden by you.</source>
        <translation>
            <numerusform>%n value overridden by you.</numerusform>
            <numerusform>%n values overridden by you.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Missing</name>
    <message numerus="yes">
        <source>%n item(s) missing</source>
        <translation>
            <numerusform>%n item is missing</numerusform>
            <numerusform>%n items are missing</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Headline</name>
    <message numerus="yes">
        <source>%n guide value(s)</source>
        <translation>
            <numerusform>%n guide value</numerusform>
            <numerusform>%n guide values</numerusform>
        </translation>
    </message>
</context>
</TS>
