#pragma once

#include "views/report/curation_view_model.h"
#include "widgets/view_frame.h"

class QTextBrowser;

namespace lacuna::ui {

/// The caveats as text to be read and copied.
class CaveatsView : public ViewFrame {
  Q_OBJECT
 public:
  explicit CaveatsView(StudyContext& study, QWidget* parent = nullptr);
  QString text() const;

 protected:
  void updateContent() override;

 private:
  CaveatsView(CaveatsViewModel* model, QTextBrowser* content, QWidget* parent);
  CaveatsViewModel* m_caveats;
  QTextBrowser* m_text;
};

}  // namespace lacuna::ui
