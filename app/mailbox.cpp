#include "app/mailbox.h"

#include <QPointer>
#include <utility>

namespace fovea::app {

Mailbox::Mailbox(QObject* parent) : QObject(parent) {
  connect(this, &Mailbox::posted, this, &Mailbox::deliver, Qt::QueuedConnection);
}

void Mailbox::post(Delivery delivery) {
  {
    const std::lock_guard lock(m_mutex);
    m_deliveries.push_back(std::move(delivery));
    if (m_woken) return;
    m_woken = true;
  }
  emit posted();
}

void Mailbox::deliver() {
  // One at a time, so that order holds even where a delivery runs a nested event loop; and only as many as
  // there are now, so that a busy worker cannot keep the event loop from its other work.
  const QPointer<Mailbox> alive(this);
  std::size_t remaining = 0;
  {
    const std::lock_guard lock(m_mutex);
    m_woken = false;
    remaining = m_deliveries.size();
  }
  for (; remaining > 0; --remaining) {
    Delivery delivery;
    {
      const std::lock_guard lock(m_mutex);
      if (m_deliveries.empty()) return;  // a nested event loop took them
      delivery = std::move(m_deliveries.front());
      m_deliveries.pop_front();
    }
    delivery();
    if (!alive) return;  // the delivery destroyed the owner
  }
}

}  // namespace fovea::app
