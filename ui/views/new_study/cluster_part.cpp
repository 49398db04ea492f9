#include "views/new_study/cluster_part.h"

#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/filter_list.h"
#include "views/new_study/new_study_view_model.h"
#include "views/new_study/setup_form.h"
#include "widgets/disclosure.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

SetupSection::Choices weightings() { return {{ClusterPart::tr("c-TF-IDF"), u"c-tf-idf"_s}, {ClusterPart::tr("BM25"), u"bm25"_s}}; }

QString weightingHint() { return ClusterPart::tr("How the words that name a cluster are weighed; BM25 gives less to words that are everywhere."); }

void addDensityRows(SetupForm& form) {
  form.addCount(u"min_cluster_size"_s, ClusterPart::tr("Smallest cluster"), ClusterPart::tr("Fewer documents are no cluster of their own."),
                {.low = 0, .high = 1000000, .suffix = ClusterPart::tr(" documents"), .lowest = ClusterPart::tr("1/500 of all, 10 at least")});
  form.addCount(u"min_samples"_s, ClusterPart::tr("Neighbours"), ClusterPart::tr("Density is the distance to so many other documents: more make more of them noise."), {.low = 1, .high = 1000});
  form.addChoice(u"selection"_s, ClusterPart::tr("Clusters are"), ClusterPart::tr("Branches that last longest, or the finest ones."),
                 {{ClusterPart::tr("the most persistent (eom)"), u"eom"_s}, {ClusterPart::tr("the leaves"), u"leaf"_s}});
}

void addTopicRows(SetupForm& form) {
  form.addCount(u"topics"_s, ClusterPart::tr("Topics at most"), ClusterPart::tr("The smallest join what they are most like."),
                {.low = 0, .high = 100000, .lowest = ClusterPart::tr("as many as are found")});
  form.addFlag(u"merging"_s, ClusterPart::tr("Join topics with like words"), ClusterPart::tr("Topics that say the same become one; each is logged on the page Trust."));
  form.addReal(u"merge_similarity"_s, ClusterPart::tr("Alike from"), ClusterPart::tr("Cosine of their weighted words: 1 is the same words."), {.low = 0.05, .high = 1});
}

void addUmapRows(SetupForm& form) {
  form.addCount(u"umap/neighbours"_s, ClusterPart::tr("UMAP: neighbours"), ClusterPart::tr("Of a document, itself counted: few keep small groups, many the whole shape."), {.low = 2, .high = 1000});
  form.addCount(u"umap/dimensions"_s, ClusterPart::tr("UMAP: dimensions"), ClusterPart::tr("The map is for finding topics alone; silhouettes are those of the embedding."), {.low = 1, .high = 64});
  form.addReal(u"umap/min_dist"_s, ClusterPart::tr("UMAP: closest"), ClusterPart::tr("How close two documents may lie: 0 packs groups tightly."), {.low = 0, .high = 29});
  form.addReal(u"umap/spread"_s, ClusterPart::tr("UMAP: spread"), ClusterPart::tr("Scale of the map; above a third of the closest distance."), {.low = 0.1, .high = 10, .step = 0.1});
  form.addCount(u"umap/epochs"_s, ClusterPart::tr("UMAP: passes"), ClusterPart::tr("Over the neighbourhoods."), {.low = 0, .high = 100000, .lowest = ClusterPart::tr("500, above 10,000 documents 200")});
  form.addChoice(u"umap/metric"_s, ClusterPart::tr("UMAP: distances"), ClusterPart::tr("Between documents of the embedding."), {{ClusterPart::tr("by cosine"), u"cosine"_s}, {ClusterPart::tr("Euclidean"), u"euclidean"_s}});
  form.addChoice(u"umap/start"_s, ClusterPart::tr("UMAP: start"), ClusterPart::tr("From where the map is moved."), {{ClusterPart::tr("spectral"), u"spectral"_s}, {ClusterPart::tr("principal components"), u"pca"_s}});
}

}  // namespace

void addRefineRows(SetupForm& form) {
  form.addCount(u"refine/rounds"_s, ClusterPart::tr("Refine in rounds"), ClusterPart::tr("Split what is impure or loose, merge what is alike, set aside what is ambiguous; 5 are a good start. Effects are never looked at."),
                {.low = 0, .high = 100, .lowest = ClusterPart::tr("not at all")});
  form.addReal(u"refine/purity"_s, ClusterPart::tr("Split below purity"), ClusterPart::tr("Share of a cluster's most frequent value of the field."), {.low = 0, .high = 1});
  form.addReal(u"refine/silhouette"_s, ClusterPart::tr("… or silhouette"), ClusterPart::tr("Mean silhouette of the cluster; split only where BIC agrees."), {.low = -1, .high = 1, .step = 0.01});
  form.addReal(u"refine/merge_cosine"_s, ClusterPart::tr("Merge from cosine"), ClusterPart::tr("Of the clusters' middles, unless agreement with the field falls; from 1 on none."), {.low = -1, .high = 1, .step = 0.01});
  form.addCount(u"refine/min_size"_s, ClusterPart::tr("Drop below"), ClusterPart::tr("Documents of dropped clusters belong to none."), {.low = 1, .high = 1000000, .suffix = ClusterPart::tr(" documents")});
  form.addField(u"refine/field"_s, ClusterPart::tr("Purity by"), ClusterPart::tr("The field of the metadata that purity and agreement go by."));
}

ClusterPart::ClusterPart(NewStudyViewModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit);
  buildMethod(layout);
  buildMore(layout);
}

void ClusterPart::buildMethod(QVBoxLayout* layout) {
  ClusterSetup& clusters = m_model.clusterSetup();
  auto* form = new SetupForm(clusters, this);
  form->addChoice(u"method"_s, tr("Grouped by"), tr("K-means asks how many; HDBSCAN and topics find out, and leave sparse documents as noise."),
                  {{tr("k-means on the sphere"), u"kmeans"_s}, {tr("k-means, Euclidean"), u"euclidean"_s}, {tr("density (HDBSCAN)"), u"hdbscan"_s},
                   {tr("topics (UMAP, HDBSCAN, words)"), u"topics"_s}, {tr("a field of the metadata"), u"metadata"_s}, {tr("filters of your own"), u"filters"_s}});
  form->addCount(u"k"_s, tr("Clusters (k)"), tr("As many as there are kinds of documents you would tell apart."), {.low = 1, .high = 100000});
  form->addFlag(u"choosing"_s, tr("Choose k by stability"), tr("Several k are tried; the largest whose refits agree and whose silhouette is as good as the best is taken."));
  form->addText(u"grid"_s, tr("Choose k among"), tr("Numbers, or a range with a step."), tr("4, 8, 16, 32 or 4-32 step 4"));
  form->addNote(u"grid"_s, [&clusters] { return clusters.gridNote(); }, [&clusters] { return !clusters.grid().fault.isEmpty(); });
  addDensityRows(*form);
  addTopicRows(*form);
  form->addField(u"field"_s, tr("Field"), tr("Every value becomes a cluster; of addresses the hosts can be taken."));
  layout->addWidget(form);
  layout->addWidget(new FilterList(m_model, this));
  auto* after = new SetupForm(clusters, this);
  after->addFlag(u"multi_label"_s, tr("Documents may be in several"), tr("In every cluster whose filter they pass, not in the first alone; each cluster is then probed against the rest."));
  after->addFlag(u"check_stability"_s, tr("Check stability"), tr("Refitted on pairs of subsamples of 80 % of the documents; the agreement of the refits is shown on the page Trust."));
  after->addCount(u"stability_pairs"_s, tr("Subsamples"), tr("Pairs of refits that are compared (ARI)."), {.low = 2, .high = 1000, .suffix = tr(" pairs")});
  layout->addWidget(after);
}

void ClusterPart::buildMore(QVBoxLayout* layout) {
  ClusterSetup& clusters = m_model.clusterSetup();
  auto* more = new Disclosure(tr("More: words, sizes, refining"), this);
  auto* form = new SetupForm(clusters, this, disclosedIndent);
  form->addChoice(u"terms"_s, tr("Words weighed by"), weightingHint(), weightings());
  form->addCount(u"representatives"_s, tr("Typical documents"), tr("Kept of every cluster, nearest to its middle."), {.low = 0, .high = 100});
  form->addCount(u"min_size"_s, tr("Mark below"), tr("Smaller clusters are kept, and marked as too small for a probe."), {.low = 0, .high = 1000000, .suffix = tr(" documents")});
  form->addCount(u"restarts"_s, tr("Restarts"), tr("The best of so many starts is taken."), {.low = 1, .high = 1000});
  form->addCount(u"iterations"_s, tr("Iterations"), tr("Of each start at most."), {.low = 1, .high = 100000});
  form->addChoice(u"map"_s, tr("Shown on a map by"), tr("Where documents are drawn; distances between far groups mean little on either."), {{tr("principal components"), u"pca"_s}, {tr("UMAP"), u"umap"_s}});
  addUmapRows(*form);
  addRefineRows(*form);
  more->content()->addWidget(form);
  layout->addWidget(more);
  const auto say = [more, &clusters] {
    const int rounds = static_cast<int>(clusters.number(u"refine/rounds"_s));
    more->setSummary((clusters.text(u"terms"_s) == "bm25"_L1 ? tr("BM25") : tr("c-TF-IDF")) + u" · "_s + (rounds > 0 ? tr("refined in at most %n round(s)", nullptr, rounds) : tr("not refined")));
  };
  connect(&clusters, &SetupSection::changed, more, say);
  say();
}

}  // namespace lacuna::ui
