<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
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
    <name>lacuna::ui::TopicCardsViewModel</name>
    <message numerus="yes">
        <source>%n clusters · c-TF-IDF words · the most typical documents</source>
        <translation>
            <numerusform>%n cluster · c-TF-IDF words · the most typical documents</numerusform>
            <numerusform>%n clusters · c-TF-IDF words · the most typical documents</numerusform>
        </translation>
    </message>
</context>
</TS>
