#include "views/new_study/corpus_part.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/filter_box.h"
#include "views/new_study/new_study_view_model.h"
#include "views/new_study/setup_form.h"
#include "views/new_study/setup_parts.h"
#include "widgets/disclosure.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

QVBoxLayout* columnOf(QWidget* widget) {
  auto* layout = new QVBoxLayout(widget);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit);
  return layout;
}

}  // namespace

CorpusPart::CorpusPart(NewStudyViewModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_filter(new FilterBox(tr("Filter of the corpus"), this)), m_more(new Disclosure(tr("More: fields and files"), this)) {
  QVBoxLayout* layout = columnOf(this);
  auto* row = new QHBoxLayout;
  row->setSpacing(unit + unit / 2);
  auto* label = new QLabel(tr("Only documents with"), this);
  label->setFixedWidth(labelWidth);
  label->setBuddy(m_filter->edit());
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  label->setContentsMargins(0, 5, 0, 0);
  row->addWidget(label, 0, Qt::AlignTop);
  row->addWidget(m_filter, 1);
  layout->addLayout(row);
  buildMore(m_more->content());
  layout->addWidget(m_more);
  connect(m_filter, &FilterBox::edited, &m_model, [this](const QString& expression) { m_model.corpusSetup().set(u"filter"_s, expression); });
  connect(&m_model, &NewStudyViewModel::changed, this, &CorpusPart::refresh);
  refresh();
}

void CorpusPart::buildMore(QVBoxLayout* layout) {
  auto* form = new SetupForm(m_model.corpusSetup(), this, disclosedIndent);
  form->addField(u"text_field"_s, tr("Text field"), tr("The field that holds a document's text."));
  form->addField(u"source_field"_s, tr("Source field"), tr("Shown as a document's source; samples and clusters can go by it."));
  form->addChoice(u"text_unit"_s, tr("Plain text is"), tr("What one document of a plain text file is. Other formats have their own rows."),
                  {{tr("a document a file"), u"file"_s}, {tr("a document a line"), u"line"_s}, {tr("a document a paragraph"), u"paragraph"_s}});
  layout->addWidget(form);
  m_paths = new QWidget(this);
  columnOf(m_paths)->setSpacing(2);
  layout->addWidget(m_paths);
  auto* buttons = new QHBoxLayout;
  buttons->setContentsMargins(labelWidth - disclosedIndent + unit + unit / 2, 0, 0, 0);
  for (const bool folders : {false, true}) {
    auto* add = new QPushButton(folders ? tr("Add a folder…") : tr("Add files…"), this);
    add->setToolTip(tr("A corpus may be several files and folders; they are read one after another."));
    add->setAccessibleName(folders ? tr("Add a folder to the corpus") : tr("Add files to the corpus"));
    connect(add, &QPushButton::clicked, this, [this, folders] { choosePaths(folders); });
    buttons->addWidget(add);
  }
  buttons->addStretch(1);
  layout->addLayout(buttons);
}

void CorpusPart::choosePaths(bool folders) {
  auto* dialog = new QFileDialog(this, folders ? tr("A further folder of the corpus") : tr("Further files of the corpus"), m_model.corpus());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(folders ? QFileDialog::Directory : QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, &m_model, [this](const QStringList& paths) {
    for (const QString& path : paths) m_model.addCorpus(path);
  });
  dialog->open();
}

void CorpusPart::refresh() {
  CorpusSetup& corpus = m_model.corpusSetup();
  m_filter->setState(corpus.filter(), corpus.look());
  const QString field = corpus.text(u"text_field"_s), source = corpus.text(u"source_field"_s);
  m_more->setSummary(tr("text: %1 · source: %2").arg(field.isEmpty() ? tr("found by itself") : field, source.isEmpty() ? tr("found by itself") : source));
  if (m_shownPaths == m_model.moreCorpora()) return;
  m_shownPaths = m_model.moreCorpora();
  while (QLayoutItem* item = m_paths->layout()->takeAt(0)) {
    item->widget()->deleteLater();
    delete item;
  }
  for (int place = 0; place < m_shownPaths.size(); ++place) {
    auto* line = new QWidget(m_paths);
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(labelWidth - disclosedIndent + unit + unit / 2, 0, 0, 0);
    auto* remove = new QToolButton(line);
    remove->setText(u"✕"_s);
    remove->setMinimumSize(24, 24);
    remove->setAccessibleName(tr("Remove %1").arg(m_shownPaths[place]));
    row->addWidget(namedLabel(m_shownPaths[place], u"text"_s, line), 1);
    row->addWidget(remove);
    m_paths->layout()->addWidget(line);
    connect(remove, &QToolButton::clicked, &m_model, [this, place] { m_model.removeCorpus(place); });
  }
  if (!m_shownPaths.isEmpty()) m_more->setOpen(true);
}

SamplePart::SamplePart(NewStudyViewModel& model, QWidget* parent) : QWidget(parent) {
  QVBoxLayout* layout = columnOf(this);
  CorpusSetup& corpus = model.corpusSetup();
  auto* form = new SetupForm(corpus, this);
  form->addChoice(u"sample"_s, tr("Documents"), tr("A sample is the same whatever the order of files and rows."),
                  {{tr("the whole corpus"), u"all"_s}, {tr("a number of documents"), u"number"_s}, {tr("a number, over the sources"), u"sources"_s}});
  form->addCount(u"size"_s, tr("How many"), tr("Drawn by the study's seed."), {.low = 1, .high = 100000000, .suffix = tr(" documents")});
  form->addReal(u"power"_s, tr("Power"), tr("1: in proportion to a source's size, 0: as many of each. Sizes of clusters are weighted back."), {.low = 0, .high = 1, .step = 0.1});
  form->addCount(u"floor"_s, tr("Of each at least"), tr("Fewer only where a source has fewer."), {.low = 0, .high = 100000000, .suffix = tr(" documents")});
  form->addFlag(u"decontaminate"_s, tr("Without texts of the abilities"),
                tr("Documents that share 13 words in a row with an item of the abilities are left out and counted. On in studies made here."));
  layout->addWidget(form);
  auto* more = new Disclosure(tr("More: copies and parts"), this);
  auto* rest = new SetupForm(corpus, this, disclosedIndent);
  rest->addChoice(u"dedup"_s, tr("Copies"), tr("Exact: the same words, upper and lower case and blanks aside."),
                  {{tr("all stay"), u"none"_s}, {tr("without exact copies"), u"exact"_s}, {tr("without near copies too"), u"near"_s}});
  rest->addReal(u"near_threshold"_s, tr("Near from"), tr("Jaccard likeness of runs of five words (13 characters in code): 1 is the same runs."), {.low = 0.05, .high = 1});
  rest->addFlag(u"parts"_s, tr("Cut long documents into parts"), tr("Between paragraphs, else sentences, else words. Parts of a document stay on one side of every split."));
  rest->addCount(u"chunk/tokens"_s, tr("At most"), tr("Of a part, by the model's tokenizer."), {.low = 8, .high = 1000000, .suffix = tr(" tokens")});
  rest->addCount(u"chunk/least"_s, tr("At least"), tr("Shorter parts are left out."), {.low = 0, .high = 1000000, .suffix = tr(" tokens")});
  rest->addCount(u"chunk/per_family"_s, tr("Of one document"), tr("So many of its parts at most, drawn by the seed."), {.low = 1, .high = 1000000, .suffix = tr(" parts")});
  more->content()->addWidget(rest);
  layout->addWidget(more);
  const auto say = [more, &corpus] { more->setSummary(corpus.summary()); };
  connect(&corpus, &SetupSection::changed, more, say);
  say();
}

}  // namespace lacuna::ui
