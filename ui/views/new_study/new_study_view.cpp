#include "views/new_study/new_study_view.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/icons.h"
#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kLabelWidth = 132;

QLabel* named(const QString& text, const QString& name, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setObjectName(name);
  label->setWordWrap(true);
  return label;
}

/// "Label    [control]", the label its buddy.
QWidget* labelled(const QString& text, QWidget* control, QWidget* parent, bool stretch = false) {
  auto* row = new QWidget(parent);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* label = new QLabel(text, row);
  label->setMinimumWidth(kLabelWidth);
  label->setBuddy(control);
  layout->addWidget(label);
  layout->addWidget(control, stretch ? 1 : 0);
  if (!stretch) layout->addStretch(1);
  control->setAccessibleName(text);
  return row;
}

/// A column in the middle of `page`, at most as wide as a text is read with ease.
QWidget* centredColumn(QWidget* page) {
  auto* centred = new QHBoxLayout(page);
  auto* column = new QWidget(page);
  column->setMaximumWidth(860);
  centred->addStretch(1);
  centred->addWidget(column, 20);
  centred->addStretch(1);
  return column;
}

/// Rebuilds a list only when it differs: an open list must not close under the reader's hand.
void setChoices(QComboBox* box, const QList<std::pair<QString, QString>>& choices, const QString& current) {
  QStringList data, shown;
  for (const auto& [text, value] : choices) data << value;
  for (int i = 0; i < box->count(); ++i) shown << box->itemData(i).toString();
  if (data != shown) {
    box->clear();
    for (const auto& [text, value] : choices) box->addItem(text, value);
  }
  box->setCurrentIndex(std::max(0, box->findData(current)));
}

}  // namespace

InputLines::InputLines(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)) {
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(2);
}

void InputLines::setLines(const QList<InputLine>& lines) {
  QStringList wanted;
  for (const InputLine& line : lines) {
    static const QString marks[] = {u"…"_s, u"✓"_s, u"△"_s, u"✕"_s};
    wanted << u"%1  %2"_s.arg(marks[static_cast<int>(line.kind)], line.text);
  }
  setVisible(!lines.isEmpty());
  if (wanted == texts()) return;
  while (QLayoutItem* item = m_layout->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (qsizetype i = 0; i < lines.size(); ++i) {
    static const QString names[] = {u"secondary"_s, u"secondary"_s, u"note"_s, u"error"_s};
    QLabel* label = named(wanted[i], names[static_cast<int>(lines[i].kind)], this);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_layout->addWidget(label);
  }
}

QStringList InputLines::texts() const {
  QStringList out;
  for (int i = 0; i < m_layout->count(); ++i) out << static_cast<QLabel*>(m_layout->itemAt(i)->widget())->text();
  return out;
}

NewStudyView::NewStudyView(NewStudyViewModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
  setObjectName(u"page"_s);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  auto* page = new QWidget(scroll);
  page->setObjectName(u"page"_s);
  QWidget* column = centredColumn(page);
  m_cards = new QVBoxLayout(column);
  m_cards->setSpacing(unit + unit / 2);
  m_cards->setContentsMargins(unit, 2 * unit, unit, 2 * unit);
  m_cards->addWidget(named(tr("New study"), u"pageTitle"_s, column));
  buildModel();
  buildCorpus();
  buildClusters();
  buildTasks();
  buildFile();
  m_cards->addStretch(1);
  scroll->setWidget(page);
  outer->addWidget(scroll, 1);
  buildButtons(outer);
  connect(&m_model, &NewStudyViewModel::changed, this, &NewStudyView::refresh);
  refresh();
}

QVBoxLayout* NewStudyView::addCard(const QString& title, const QString& hint) {
  auto* card = new QFrame(m_cards->parentWidget());
  card->setObjectName(u"card"_s);
  auto* layout = new QVBoxLayout(card);
  layout->setContentsMargins(2 * unit, unit + unit / 2, 2 * unit, unit + unit / 2);
  layout->setSpacing(unit);
  layout->addWidget(named(title, u"cardTitle"_s, card));
  if (!hint.isEmpty()) layout->addWidget(named(hint, u"secondary"_s, card));
  m_cards->addWidget(card);
  return layout;
}

NewStudyView::PathRow NewStudyView::addPath(QVBoxLayout* card, const QString& name, const QString& placeholder, bool files, bool folders,
                                            void (NewStudyViewModel::*set)(const QString&)) {
  auto* row = new QWidget(card->parentWidget());
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* edit = new QLineEdit(row);
  edit->setPlaceholderText(placeholder);
  edit->setAccessibleName(name);
  edit->setClearButtonEnabled(true);
  layout->addWidget(edit, 1);
  connect(edit, &QLineEdit::textEdited, &m_model, [this, set](const QString& text) { (m_model.*set)(text.trimmed()); });
  const auto addButton = [&](const QString& text, QFileDialog::FileMode mode) {
    auto* button = new QPushButton(text, row);
    button->setAccessibleName(tr("%1: %2").arg(name, text));
    connect(button, &QPushButton::clicked, this, [this, name, mode, set, edit] {
      auto* dialog = new QFileDialog(this, name, edit->text());
      dialog->setAttribute(Qt::WA_DeleteOnClose);
      dialog->setFileMode(mode);
      if (mode == QFileDialog::Directory) dialog->setOption(QFileDialog::ShowDirsOnly);
      connect(dialog, &QFileDialog::fileSelected, &m_model, [this, set](const QString& path) { (m_model.*set)(path); });
      dialog->open();
    });
    layout->addWidget(button);
  };
  if (files) addButton(tr("File…"), QFileDialog::ExistingFile);
  if (folders) addButton(tr("Folder…"), QFileDialog::Directory);
  card->addWidget(row);
  return {edit, row};
}

QComboBox* NewStudyView::addChoice(QVBoxLayout* card, const QString& label, const QList<std::pair<QString, QString>>& choices,
                                   void (NewStudyViewModel::*set)(const QString&)) {
  auto* box = new QComboBox(card->parentWidget());
  box->setMinimumWidth(260);
  for (const auto& [text, value] : choices) box->addItem(text, value);
  connect(box, &QComboBox::activated, &m_model, [this, set, box](int index) { (m_model.*set)(box->itemData(index).toString()); });
  card->addWidget(labelled(label, box, card->parentWidget()));
  return box;
}

void NewStudyView::buildModel() {
  QVBoxLayout* card = addCard(tr("Model"), tr("A Hugging Face folder: GPT-2, GPT-NeoX and Pythia, GPT-J, LLaMA, Mistral, Qwen2, OPT."));
  m_modelPath = addPath(card, tr("Model folder"), tr("Folder with config.json, model.safetensors and a tokenizer"), false, true, &NewStudyViewModel::setModel).edit;
  card->addWidget(m_modelLines = new InputLines(card->parentWidget()));
  const QString fast = study::bf16IsFast() ? tr("bf16 – about five times as fast here") : tr("bf16 – no faster on this processor");
  m_dtype = addChoice(card, tr("Compute in"), {{tr("fp32 – exact"), u"fp32"_s}, {fast, u"bf16"_s}}, &NewStudyViewModel::setDtype);
}

void NewStudyView::buildCorpus() {
  QVBoxLayout* card = addCard(tr("Corpus"), tr("What the model was trained on, or a stand-in: C4, The Pile, CodeParrot and the like, compressed as they come."));
  m_corpusPath = addPath(card, tr("Corpus"), tr("JSONL, JSON, CSV, Parquet or text; .gz and .zst; a file or a folder"), true, true, &NewStudyViewModel::setCorpus).edit;
  card->addWidget(m_corpusLines = new InputLines(card->parentWidget()));
  m_sample = named({}, u"secondary"_s, card->parentWidget());
  m_sample->setTextFormat(Qt::PlainText);
  m_sample->setAccessibleName(tr("First rows"));
  card->addWidget(m_sample);
  m_textField = addChoice(card, tr("Text field"), {{tr("found by itself"), QString()}}, &NewStudyViewModel::setTextField);
}

void NewStudyView::buildClusters() {
  QVBoxLayout* card = addCard(tr("Clusters"), {});
  m_encoder = addChoice(card, tr("Documents by"),
                        {{tr("their words (TF-IDF)"), u"tfidf"_s}, {tr("a sentence encoder"), u"sentence-encoder"_s}, {tr("the model's own states"), u"model"_s}},
                        &NewStudyViewModel::setEncoder);
  const PathRow encoder = addPath(card, tr("Sentence encoder"), tr("Sentence-BERT folder (modules.json), or a plain BERT-like encoder"), false, true, &NewStudyViewModel::setEncoderFolder);
  m_encoderPath = encoder.edit;
  m_encoderRow = encoder.row;
  card->addWidget(m_encoderLines = new InputLines(card->parentWidget()));
  m_method = addChoice(card, tr("Grouped by"), {{tr("k-means on the sphere"), u"kmeans"_s}, {tr("a metadata field"), u"metadata"_s}}, &NewStudyViewModel::setMethod);
  m_count = new QSpinBox(card->parentWidget());
  m_count->setRange(2, 1000);
  connect(m_count, &QSpinBox::valueChanged, &m_model, [this](int k) {
    if (!m_filling) m_model.setClusterCount(k);
  });
  card->addWidget(m_countRow = labelled(tr("Clusters (k)"), m_count, card->parentWidget()));
  m_field = new QComboBox(card->parentWidget());
  m_field->setMinimumWidth(260);
  connect(m_field, &QComboBox::activated, &m_model, [this](int index) { m_model.setField(m_field->itemData(index).toString()); });
  card->addWidget(m_fieldRow = labelled(tr("Field"), m_field, card->parentWidget()));
}

void NewStudyView::buildTasks() {
  QVBoxLayout* card = addCard(tr("Abilities"), tr("Task files (task.json), or data files as they are distributed (GSM8K, BIG-bench, BBH, CrowS-Pairs …). Several may be chosen at once, or dropped on the window."));
  m_taskHolder = new QWidget(card->parentWidget());
  m_taskLayout = new QVBoxLayout(m_taskHolder);
  m_taskLayout->setContentsMargins(0, 0, 0, 0);
  card->addWidget(m_taskHolder);
  auto* add = new QPushButton(tr("Add abilities…"), card->parentWidget());
  connect(add, &QPushButton::clicked, this, &NewStudyView::chooseTasks);
  auto* row = new QHBoxLayout;
  row->addWidget(add);
  row->addStretch(1);
  card->addLayout(row);
}

void NewStudyView::buildFile() {
  QVBoxLayout* card = addCard(tr("Study file"), tr("One file holds everything: settings, clusters, every run. It can be copied and opened without model and corpus."));
  auto* row = new QHBoxLayout;
  m_filePath = new QLineEdit(card->parentWidget());
  m_filePath->setPlaceholderText(tr("name.lacuna"));
  m_filePath->setAccessibleName(tr("Study file"));
  connect(m_filePath, &QLineEdit::textEdited, &m_model, [this](const QString& text) { m_model.setFile(text.trimmed()); });
  auto* choose = new QPushButton(tr("Choose…"), card->parentWidget());
  choose->setAccessibleName(tr("Choose the study file"));
  connect(choose, &QPushButton::clicked, this, &NewStudyView::chooseFile);
  row->addWidget(m_filePath, 1);
  row->addWidget(choose);
  card->addLayout(row);
  card->addWidget(m_fileLines = new InputLines(card->parentWidget()));
}

void NewStudyView::buildButtons(QVBoxLayout* page) {
  auto* bar = new QWidget(this);
  auto* row = new QHBoxLayout(centredColumn(bar));
  row->setContentsMargins(unit, 0, unit, 0);
  m_missing = new QLabel(this);
  m_missing->setObjectName(u"secondary"_s);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  m_create = new QPushButton(tr("Create only"), this);
  m_run = new QPushButton(tr("Create and run"), this);
  m_run->setObjectName(u"primary"_s);
  row->addWidget(m_missing, 1);
  for (QPushButton* button : {cancel, m_create, m_run}) {
    button->setMinimumHeight(32);
    row->addWidget(button);
  }
  connect(cancel, &QPushButton::clicked, this, &NewStudyView::cancelled);
  connect(m_create, &QPushButton::clicked, this, [this] { Q_EMIT createRequested(false); });
  connect(m_run, &QPushButton::clicked, this, [this] { Q_EMIT createRequested(true); });
  page->addWidget(bar);
}

void NewStudyView::chooseTasks() {
  auto* dialog = new QFileDialog(this, tr("Abilities"), QString(), tr("Task files (*.json *.jsonl *.csv)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, &m_model, [this](const QStringList& files) {
    for (const QString& file : files) m_model.addTask(file);
  });
  dialog->open();
}

void NewStudyView::chooseFile() {
  auto* dialog = new QFileDialog(this, tr("Study file"), m_model.file(), tr("Lacuna studies (*.lacuna)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(u"lacuna"_s);
  connect(dialog, &QFileDialog::fileSelected, &m_model, &NewStudyViewModel::setFile);
  dialog->open();
}

void NewStudyView::refreshTasks() {
  QStringList wanted;
  for (const NewStudyViewModel::Task& task : m_model.tasks()) wanted << task.file;
  if (wanted != m_shownTasks) {
    m_shownTasks = wanted;
    while (QLayoutItem* item = m_taskLayout->takeAt(0)) {
      item->widget()->deleteLater();
      delete item;
    }
    for (int place = 0; place < wanted.size(); ++place) {
      auto* holder = new QWidget(m_taskHolder);
      auto* column = new QVBoxLayout(holder);
      column->setContentsMargins(0, 0, 0, 0);
      column->setSpacing(2);
      auto* row = new QHBoxLayout;
      auto* shots = new QSpinBox(holder);
      shots->setRange(0, 64);
      shots->setValue(m_model.tasks()[place].shots);
      shots->setSuffix(tr(" examples"));
      shots->setAccessibleName(tr("Examples before each question of %1").arg(wanted[place]));
      auto* remove = new QToolButton(holder);
      remove->setText(u"✕"_s);
      remove->setMinimumSize(24, 24);
      remove->setAccessibleName(tr("Remove %1").arg(wanted[place]));
      auto* name = new QLabel(wanted[place], holder);
      name->setTextInteractionFlags(Qt::TextSelectableByMouse);
      row->addWidget(name, 1);
      row->addWidget(shots);
      row->addWidget(remove);
      column->addLayout(row);
      column->addWidget(new InputLines(holder));
      m_taskLayout->addWidget(holder);
      connect(shots, &QSpinBox::valueChanged, &m_model, [this, place](int value) { m_model.setShots(place, value); });
      connect(remove, &QToolButton::clicked, &m_model, [this, place] { m_model.removeTask(place); });
    }
  }
  for (int place = 0; place < wanted.size(); ++place)
    static_cast<InputLines*>(m_taskLayout->itemAt(place)->widget()->layout()->itemAt(1)->widget())->setLines(m_model.taskLines(place));
  m_taskHolder->setVisible(!wanted.isEmpty());
}

void NewStudyView::refresh() {
  m_filling = true;
  for (const auto& [edit, text] : {std::pair(m_modelPath, m_model.model()), std::pair(m_corpusPath, m_model.corpus()),
                                   std::pair(m_encoderPath, m_model.encoderFolder()), std::pair(m_filePath, m_model.file())})
    if (edit->text().trimmed() != text) edit->setText(text);
  m_modelLines->setLines(m_model.modelLines());
  m_corpusLines->setLines(m_model.corpusLines());
  m_encoderLines->setLines(m_model.encoderLines());
  m_fileLines->setLines(m_model.fileLines());
  QList<std::pair<QString, QString>> textFields{{tr("found by itself"), QString()}}, groupFields{{tr("source"), u"source"_s}};
  if (!m_model.textField().isEmpty()) textFields << std::pair(m_model.textField(), m_model.textField());
  for (const QString& field : m_model.fields()) {
    textFields << std::pair(field, field);
    if (field != "source"_L1) groupFields << std::pair(field, field);
  }
  setChoices(m_textField, textFields, m_model.textField());
  setChoices(m_field, groupFields, m_model.field());
  m_encoder->setCurrentIndex(m_encoder->findData(m_model.encoder()));
  m_method->setCurrentIndex(m_method->findData(m_model.method()));
  m_dtype->setCurrentIndex(m_dtype->findData(m_model.dtype()));
  m_count->setValue(m_model.clusterCount());
  m_encoderRow->setVisible(m_model.encoder() == "sentence-encoder"_L1);
  m_countRow->setVisible(m_model.method() != "metadata"_L1);
  m_fieldRow->setVisible(m_model.method() == "metadata"_L1);
  QStringList rows;
  for (const QString& row : m_model.sampleRows()) rows << u"“%1”"_s.arg(row.size() > 110 ? row.left(110) + u"…"_s : row);
  m_sample->setText(rows.join(u'\n'));
  m_sample->setVisible(!rows.isEmpty());
  refreshTasks();
  const QString missing = m_model.missing();
  m_missing->setText(missing);
  m_run->setEnabled(missing.isEmpty());
  m_create->setEnabled(missing.isEmpty());
  m_filling = false;
}

}  // namespace lacuna::ui
