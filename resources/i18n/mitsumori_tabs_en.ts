<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>Plurals</name>
        <message numerus="yes">
            <source>%n server(s)</source>
            <translation>
                <numerusform>%n server</numerusform>
                <numerusform>%n servers</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n GPU(s)</source>
            <translation>
                <numerusform>%n GPU</numerusform>
                <numerusform>%n GPUs</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n server(s) a rack</source>
            <translation>
                <numerusform>%n server a rack</numerusform>
                <numerusform>%n servers a rack</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>One rack holds all %n server(s)</source>
            <translation>
                <numerusform>One rack holds the one server</numerusform>
                <numerusform>One rack holds all %n servers</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more rack(s) for other servers</source>
            <translation>
                <numerusform>one more rack for other servers</numerusform>
                <numerusform>%n more racks for other servers</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n server(s) a rack; one more would exceed: {limit}</source>
            <translation>
                <numerusform>%n server a rack; one more would exceed: {limit}</numerusform>
                <numerusform>%n servers a rack; one more would exceed: {limit}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Cooling methods compared · %n server(s) · click to use</source>
            <translation>
                <numerusform>Cooling methods compared · %n server · click to use</numerusform>
                <numerusform>Cooling methods compared · %n servers · click to use</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n switch(es) join the GPUs</source>
            <translation>
                <numerusform>%n switch joins the GPUs</numerusform>
                <numerusform>%n switches join the GPUs</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n thing(s) stand in the way of this plan</source>
            <translation>
                <numerusform>One thing stands in the way of this plan</numerusform>
                <numerusform>%n things stand in the way of this plan</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n month(s)</source>
            <translation>
                <numerusform>%n month</numerusform>
                <numerusform>%n months</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n year(s)</source>
            <translation>
                <numerusform>%n year</numerusform>
                <numerusform>%n years</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Not in it, because not given: {names} and %n more</source>
            <translation>
                <numerusform>Not in it, because not given: {names} and %n more</numerusform>
                <numerusform>Not in it, because not given: {names} and %n more</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n factor(s) can change the conclusion, first: {factor}</source>
            <translation>
                <numerusform>%n factor can change the conclusion: {factor}</numerusform>
                <numerusform>%n factors can change the conclusion, first: {factor}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n input(s) differ</source>
            <translation>
                <numerusform>%n input differs</numerusform>
                <numerusform>%n inputs differ</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n other(s) are the same</source>
            <translation>
                <numerusform>%n other is the same</numerusform>
                <numerusform>%n others are the same</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n value(s) not given.</source>
            <translation>
                <numerusform>%n value not given.</numerusform>
                <numerusform>%n values not given.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n kind(s) of GPU of unknown power</source>
            <translation>
                <numerusform>%n kind of GPU of unknown power</numerusform>
                <numerusform>%n kinds of GPU of unknown power</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n kind(s) of GPU without a price</source>
            <translation>
                <numerusform>%n kind of GPU without a price</numerusform>
                <numerusform>%n kinds of GPU without a price</numerusform>
            </translation>
        </message>
    </context>
<context>
    <name>Serving</name>
        <message numerus="yes">
            <source>%n replica(s)</source>
            <translation>
                <numerusform>%n replica</numerusform>
                <numerusform>%n replicas</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>{replicas} × {gpus} GPUs on %n server(s)</source>
            <translation>
                <numerusform>{replicas} × {gpus} GPUs on %n server</numerusform>
                <numerusform>{replicas} × {gpus} GPUs on %n servers</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>and %n more server(s)</source>
            <translation><numerusform>and %n more server</numerusform><numerusform>and %n more servers</numerusform></translation>
        </message>
        <message numerus="yes">
            <source>%n spare replica(s)</source>
            <translation><numerusform>%n spare replica</numerusform><numerusform>%n spare replicas</numerusform></translation>
        </message>
</context>
</TS>
