#pragma once

#include <QStringList>

#include "composition.h"
#include "fake_session.h"
#include "views/table_data.h"
#include "widgets/view_frame.h"

namespace lacuna::test {

/// One view on synthetic results, shown, without a window around it.
struct ViewBench {
  ui::StudyContext study;
  std::unique_ptr<ui::ViewFrame> view;

  explicit ViewBench(const QString& id, study::Results results = syntheticResults(), QSize size = {900, 600})
      : study(std::make_shared<FakeSession>(std::move(results))), view(app::makeView(id, study)) {
    view->resize(size);
    view->show();
  }
  template <class Plot>
  Plot& plot() const { return dynamic_cast<Plot&>(*view->plot()); }
  template <class Model>
  Model& model() const { return dynamic_cast<Model&>(view->model()); }
  ui::SelectionModel& selection() { return study.selection(); }
};

/// The cells of one column as the screen writes them; empty when there is no such column.
inline QStringList column(const ui::TableData& table, const std::string& name) {
  QStringList cells;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c].name == name)
      for (const auto& row : table.rows) cells << ui::cellText(table.columns[c], row[c]);
  return cells;
}

}  // namespace lacuna::test
