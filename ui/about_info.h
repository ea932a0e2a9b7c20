// The version of the program and what it is built with, for QML. Values only.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QVariantList>

namespace fovea::ui {

class AboutInfo : public QObject {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(QString version READ version CONSTANT)
  Q_PROPERTY(QVariantList libraries READ libraries CONSTANT)

 public:
  using QObject::QObject;

  [[nodiscard]] QString version() const;
  [[nodiscard]] QVariantList libraries() const;  // [{name, version, licence}]
};

}  // namespace fovea::ui
