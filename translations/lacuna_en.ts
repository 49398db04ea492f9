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
    <name>lacuna::ui::ClusterPart</name>
    <message numerus="yes">
        <source>refined in at most %n round(s)</source>
        <translation>
            <numerusform>refined in at most %n round</numerusform>
            <numerusform>refined in at most %n rounds</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::ClusterSetup</name>
    <message numerus="yes">
        <source>%n number(s) of clusters: %1. </source>
        <translation>
            <numerusform>%n number of clusters: %1. </numerusform>
            <numerusform>%n numbers of clusters: %1. </numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Each is refitted on %n pair(s) of subsamples of 80 %.</source>
        <translation>
            <numerusform>Each is refitted on %n pair of subsamples of 80 %.</numerusform>
            <numerusform>Each is refitted on %n pairs of subsamples of 80 %.</numerusform>
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
    <name>lacuna::ui::ConditionBuilder</name>
    <message numerus="yes">
        <source>%1 – %n row(s)</source>
        <translation>
            <numerusform>%1 – %n row</numerusform>
            <numerusform>%1 – %n rows</numerusform>
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
    <name>lacuna::ui::CorpusSetup</name>
    <message numerus="yes">
        <source>%n value(s)</source>
        <translation>
            <numerusform>%n value</numerusform>
            <numerusform>%n values</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in parts of %n token(s)</source>
        <translation>
            <numerusform>in parts of %n token</numerusform>
            <numerusform>in parts of %n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::EmbeddingSetup</name>
    <message numerus="yes">
        <source>%n dimension(s)</source>
        <translation>
            <numerusform>%n dimension</numerusform>
            <numerusform>%n dimensions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::FilterState</name>
    <message numerus="yes">
        <source>%1 of %n document(s) pass.</source>
        <translation>
            <numerusform>%1 of %n document pass.</numerusform>
            <numerusform>%1 of %n documents pass.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of the first %n row(s) pass.</source>
        <translation>
            <numerusform>%1 of the first %n row passes.</numerusform>
            <numerusform>%1 of the first %n rows pass.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ui::KCurveViewModel</name>
    <message numerus="yes">
        <source>The clusters will be refined in at most %n round(s)</source>
        <translation>
            <numerusform>The clusters will be refined in at most %n round</numerusform>
            <numerusform>The clusters will be refined in at most %n rounds</numerusform>
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
    <name>lacuna::ui::PeopleViewModel</name>
    <message numerus="yes">
        <source>%n document(s)</source>
        <translation>
            <numerusform>%n document</numerusform>
            <numerusform>%n documents</numerusform>
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
    <name>lacuna::ui::SheetExchange</name>
    <message numerus="yes">
        <source>%n answer(s) of %1 added.</source>
        <translation>
            <numerusform>%n answer of %1 added.</numerusform>
            <numerusform>%n answers of %1 added.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) took the place of earlier ones.</source>
        <translation>
            <numerusform>%n answer took the place of an earlier one.</numerusform>
            <numerusform>%n answers took the place of earlier ones.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) were there already.</source>
        <translation>
            <numerusform>%n answer was there already.</numerusform>
            <numerusform>%n answers were there already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) were to questions that are no longer asked; they are kept.</source>
        <translation>
            <numerusform>%n answer was to a question that is no longer asked; it is kept.</numerusform>
            <numerusform>%n answers were to questions that are no longer asked; they are kept.</numerusform>
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
