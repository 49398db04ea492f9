#pragma once

#include "views/new_study/setup_section.h"

namespace lacuna::ui {

/// The section `embedding`, the encoder's folder apart. post: steps with commas between them; "usual": the encoder's own.
class EmbeddingSetup : public SetupSection {
  Q_OBJECT
 public:
  explicit EmbeddingSetup(QObject* parent = nullptr);
  QString encoder() const { return text(QStringLiteral("encoder")); }
  bool readsPictures() const { return encoder() == QStringLiteral("image-encoder"); }
  bool needsFolder() const { return encoder() == QStringLiteral("sentence-encoder") || readsPictures(); }
  QString summary() const;
  bool shows(const QString& key) const override;
  Choices choices(const QString& key) const override;
  QJsonObject json() const override;
  void load(const QJsonObject& section) override;

 private:
  void reset();
};

}  // namespace lacuna::ui
