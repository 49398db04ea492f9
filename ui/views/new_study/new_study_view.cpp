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
#include "views/new_study/cluster_part.h"
#include "views/new_study/corpus_part.h"
#include "views/new_study/setup_form.h"
#include "widgets/disclosure.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// "Label    [control]", the label its buddy.
QWidget* labelled(const QString& text, QWidget* control, QWidget* parent, bool stretch = false) {
  auto* row = new QWidget(parent);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit + unit / 2);
  auto* label = new QLabel(text, row);
  label->setFixedWidth(labelWidth);
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

}  // namespace

NewStudyView::NewStudyView(NewStudyViewModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
  setObjectName(u"page"_s);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setAccessibleName(tr("New study"));
  auto* page = new QWidget(scroll);
  page->setObjectName(u"page"_s);
  QWidget* column = centredColumn(page);
  m_cards = new QVBoxLayout(column);
  m_cards->setSpacing(unit + unit / 2);
  m_cards->setContentsMargins(unit, 2 * unit, unit, 2 * unit);
  buildHead();
  buildModel();
  buildCorpus();
  buildSample();
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
  const Card card = makeCard(title, hint, m_cards->parentWidget());
  m_cards->addWidget(card.frame);
  return card.rows;
}

/// The title, and the way from another study.
void NewStudyView::buildHead() {
  QWidget* column = m_cards->parentWidget();
  auto* head = new QHBoxLayout;
  auto* start = new QPushButton(tr("Start from…"), column);
  start->setToolTip(tr("Fill the page from a study file or a spec"));
  start->setAccessibleName(tr("Start from a study file or a spec"));
  head->addWidget(namedLabel(tr("New study"), u"pageTitle"_s, column), 1);
  head->addWidget(start);
  m_cards->addLayout(head);
  m_cards->addWidget(m_startLines = new InputLines(column));
  connect(start, &QPushButton::clicked, this, &NewStudyView::chooseStart);
}

void NewStudyView::chooseStart() {
  auto* dialog = new QFileDialog(this, tr("Start from"), QString(), tr("Studies and specs (*.lacuna *.json)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, &m_model, &NewStudyViewModel::startFrom);
  dialog->open();
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
  box->setFixedWidth(controlWidth);
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
  m_sample = namedLabel({}, u"secondary"_s, card->parentWidget());
  m_sample->setTextFormat(Qt::PlainText);
  m_sample->setAccessibleName(tr("First rows"));
  card->addWidget(m_sample);
  card->addWidget(new CorpusPart(m_model, card->parentWidget()));
}

void NewStudyView::buildSample() {
  QVBoxLayout* card = addCard(tr("Sample"), tr("Which documents of the corpus are grouped, and which of them count once."));
  card->addWidget(new SamplePart(m_model, card->parentWidget()));
}

void NewStudyView::buildClusters() {
  QVBoxLayout* card = addCard(tr("Clusters"), tr("Documents become vectors, vectors become clusters: the slices of the corpus whose share in an ability is measured."));
  auto* form = new SetupForm(m_model.embeddingSetup(), card->parentWidget());
  form->addChoice(u"encoder"_s, tr("Documents by"), tr("What makes two documents alike."),
                  {{tr("their words (TF-IDF)"), u"tfidf"_s}, {tr("a sentence encoder"), u"sentence-encoder"_s}, {tr("their pictures (DINOv2)"), u"image-encoder"_s},
                   {tr("the model's own states"), u"model"_s}});
  card->addWidget(form);
  const PathRow encoder = addPath(card, tr("Encoder"), tr("Sentence-BERT folder (modules.json) or a plain BERT-like encoder; for pictures a DINOv2 folder"), false, true, &NewStudyViewModel::setEncoderFolder);
  m_encoderPath = encoder.edit;
  m_encoderRow = encoder.row;
  card->addWidget(m_encoderLines = new InputLines(card->parentWidget()));
  auto* more = new Disclosure(tr("More: vectors"), card->parentWidget());
  more->content()->addWidget(embeddingRows());
  card->addWidget(more);
  const auto say = [this, more] { more->setSummary(m_model.embeddingSetup().summary()); };
  connect(&m_model.embeddingSetup(), &SetupSection::changed, more, say);
  say();
  card->addWidget(new ClusterPart(m_model, card->parentWidget()));
}

SetupForm* NewStudyView::embeddingRows() {
  auto* form = new SetupForm(m_model.embeddingSetup(), nullptr, disclosedIndent);
  form->addCount(u"dimensions"_s, tr("Dimensions"), tr("Of the vectors, by a truncated SVD of the weighted words."), {.low = 2, .high = 4096});
  form->addCount(u"buckets"_s, tr("Buckets"), tr("Words are hashed into so many columns."), {.low = 1024, .high = 16777216});
  form->addCount(u"layer"_s, tr("Layer"), tr("Whose states are averaged over the tokens."), {.low = -1, .high = 1000, .lowest = tr("the middle one")});
  form->addText(u"image_field"_s, tr("Pictures"), tr("Field that names each document's PNG or JPEG file, relative to the corpus."), u"image"_s);
  form->addText(u"prompt"_s, tr("Prompt"), tr("Name of one of the encoder's prompts, put before every document."), tr("its default"));
  form->addChoice(u"long_documents"_s, tr("Long documents"), tr("Those longer than the encoder reads at once."),
                  {{tr("read in windows"), u"windows"_s}, {tr("cut at the end"), u"truncate"_s}});
  form->addChoices(u"post"_s, tr("Then"), tr("Steps between the encoder and vectors of length 1; they are fitted to these documents."));
  form->addCount(u"top_components"_s, tr("Components"), tr("Principal components that are taken off."), {.low = 0, .high = 1000, .lowest = tr("one in a hundred dimensions")});
  return form;
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
  for (const auto& [edit, text] : {std::pair(m_modelPath, m_model.model()), std::pair(m_corpusPath, m_model.corpus()),
                                   std::pair(m_encoderPath, m_model.encoderFolder()), std::pair(m_filePath, m_model.file())})
    if (edit->text().trimmed() != text) edit->setText(text);
  m_modelLines->setLines(m_model.modelLines());
  m_corpusLines->setLines(m_model.corpusLines());
  m_encoderLines->setLines(m_model.encoderLines());
  m_fileLines->setLines(m_model.fileLines());
  m_startLines->setLines(m_model.startLines());
  m_dtype->setCurrentIndex(m_dtype->findData(m_model.dtype()));
  m_encoderRow->setVisible(m_model.embeddingSetup().needsFolder());
  QStringList rows;
  for (const QString& row : m_model.sampleRows()) rows << u"“%1”"_s.arg(row.size() > 110 ? row.left(110) + u"…"_s : row);
  m_sample->setText(rows.join(u'\n'));
  m_sample->setVisible(!rows.isEmpty());
  refreshTasks();
  const QString missing = m_model.missing();
  m_missing->setText(missing);
  m_run->setEnabled(missing.isEmpty());
  m_create->setEnabled(missing.isEmpty());
}

}  // namespace lacuna::ui
