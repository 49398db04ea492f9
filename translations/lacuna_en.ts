<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>lacuna::app::MainWindow</name>
    <message numerus="yes">
        <source>%n cluster(s)</source>
        <translation>
            <numerusform>%n cluster</numerusform>
            <numerusform>%n clusters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::ClusterCommands</name>
    <message numerus="yes">
        <source>before round %1 · %n cluster(s)</source>
        <translation>
            <numerusform>before round %1 · %n cluster</numerusform>
            <numerusform>before round %1 · %n clusters</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::ClusterValidityViewModel</name>
    <message numerus="yes">
        <source>%n document(s) are ambiguous: set aside, counted, and seen by no probe.</source>
        <translation>
            <numerusform>%n document is ambiguous: set aside, counted, and seen by no probe.</numerusform>
            <numerusform>%n documents are ambiguous: set aside, counted, and seen by no probe.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n document(s) are in no cluster: noise, or passed over by the filters.</source>
        <translation>
            <numerusform>%n document is in no cluster: noise, or passed over by the filters.</numerusform>
            <numerusform>%n documents are in no cluster: noise, or passed over by the filters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::ContingencyViewModel</name>
    <message numerus="yes">
        <source>%n other(s)</source>
        <translation>
            <numerusform>%n other</numerusform>
            <numerusform>%n others</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::NewStudyViewModel</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n documents</source>
        <translation>
            <numerusform>%n document</numerusform>
            <numerusform>%n documents</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>first %n rows read</source>
        <translation>
            <numerusform>first row read</numerusform>
            <numerusform>first %n rows read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), %1 · %2</source>
        <translation>
            <numerusform>%n file, %1 · %2</numerusform>
            <numerusform>%n files, %1 · %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of these rows cannot be used and are counted</source>
        <translation>
            <numerusform>%n of these rows cannot be used and is counted</numerusform>
            <numerusform>%n of these rows cannot be used and are counted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 (%2) · %n items · %3%4</source>
        <translation>
            <numerusform>%1 (%2) · %n item · %3%4</numerusform>
            <numerusform>%1 (%2) · %n items · %3%4</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::ReadingViewModel</name>
    <message numerus="yes">
        <source>%n row(s) left out</source>
        <translation>
            <numerusform>%n row left out</numerusform>
            <numerusform>%n rows left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::RefineLogViewModel</name>
    <message numerus="yes">
        <source>%n split</source>
        <translation>
            <numerusform>%n split</numerusform>
            <numerusform>%n split</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n merged</source>
        <translation>
            <numerusform>%n merged</numerusform>
            <numerusform>%n merged</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n dropped</source>
        <translation>
            <numerusform>%n dropped</numerusform>
            <numerusform>%n dropped</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n document(s) ambiguous</source>
        <translation>
            <numerusform>%n document ambiguous</numerusform>
            <numerusform>%n documents ambiguous</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::SilhouetteViewModel</name>
    <message numerus="yes">
        <source>mean %1 · mean of clusters %2 · %n clusters</source>
        <translation>
            <numerusform>mean %1 · mean of clusters %2 · %n cluster</numerusform>
            <numerusform>mean %1 · mean of clusters %2 · %n clusters</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::SourcesViewModel</name>
    <message numerus="yes">
        <source>%1 from %n source(s)</source>
        <translation>
            <numerusform>%1 from %n source</numerusform>
            <numerusform>%1 from %n sources</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::TopicCardsViewModel</name>
    <message numerus="yes">
        <source>%n clusters · c-TF-IDF words · the most typical documents</source>
        <translation>
            <numerusform>%n cluster · c-TF-IDF words · the most typical documents</numerusform>
            <numerusform>%n clusters · c-TF-IDF words · the most typical documents</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::TopicMergesViewModel</name>
    <message numerus="yes">
        <source>%n topic(s) became part of another, by the cosine of their words&apos; weights</source>
        <translation>
            <numerusform>%n topic became part of another, by the cosine of their words&apos; weights</numerusform>
            <numerusform>%n topics became part of others, by the cosine of their words&apos; weights</numerusform>
        </translation>
    </message>
</context>
</TS>
