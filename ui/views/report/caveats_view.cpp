#include "views/report/caveats_view.h"

#include <QTextBrowser>

namespace lacuna::ui {

CaveatsView::CaveatsView(StudyContext& study, QWidget* parent) : CaveatsView(new CaveatsViewModel(study), new QTextBrowser, parent) {}

CaveatsView::CaveatsView(CaveatsViewModel* model, QTextBrowser* content, QWidget* parent)
    : ViewFrame(model, content, nullptr, parent), m_caveats(model), m_text(content) {
  m_text->setAccessibleName(model->title());
  m_text->setFrameShape(QFrame::NoFrame);
  refresh();
}

QString CaveatsView::text() const { return m_text->toPlainText(); }

void CaveatsView::updateContent() {
  if (m_text) m_text->setHtml(m_caveats->html());
}

}  // namespace lacuna::ui
