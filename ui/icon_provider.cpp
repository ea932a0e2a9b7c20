#include "ui/icon_provider.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace fovea::ui {
namespace {

constexpr int kDefaultPixels = 24;

QString iconFile(const QString& name) {
  return QStringLiteral(":/qt/qml/Fovea/icons/%1.svg").arg(name);
}

}  // namespace

IconProvider::IconProvider() : QQuickImageProvider(QQuickImageProvider::Image) {}

QImage IconProvider::requestImage(const QString& id, QSize* size, const QSize& requestedSize) {
  const QString name = id.section(QLatin1Char('/'), 0, 0);
  const QString color = id.section(QLatin1Char('/'), 1, 1);
  const QSize pixels = requestedSize.isValid() && !requestedSize.isEmpty()
                           ? requestedSize
                           : QSize(kDefaultPixels, kDefaultPixels);
  QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  QFile file(iconFile(name));
  if (file.open(QIODevice::ReadOnly)) {
    QByteArray drawing = file.readAll();
    if (!color.isEmpty()) drawing.replace("currentColor", "#" + color.toLatin1());
    QSvgRenderer renderer(drawing);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    renderer.render(&painter, QRectF(QPointF(0, 0), QSizeF(pixels)));
  }
  if (size != nullptr) *size = pixels;
  return image;
}

QIcon applicationIcon() {
  QIcon icon;
  IconProvider provider;
  for (const int pixels : {16, 24, 32, 48, 64, 128, 256}) {
    // The full drawing loses its spot where a pupil is two pixels wide.
    const QString name = pixels < 32 ? QStringLiteral("fovea-small") : QStringLiteral("fovea");
    icon.addPixmap(QPixmap::fromImage(provider.requestImage(name, nullptr, {pixels, pixels})));
  }
  return icon;
}

}  // namespace fovea::ui
