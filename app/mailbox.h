// The way back from a worker thread to a QObject's thread: any thread posts deliveries, and they run in order
// on the thread that owns the mailbox, inside its event loop. One wake-up is outstanding at most, however
// many are posted. Owned as a member by the object that the deliveries talk to; what was not delivered dies
// with it, undelivered. Join the posting threads before destroying it.
#pragma once

#include <QObject>
#include <deque>
#include <functional>
#include <mutex>

namespace fovea::app {

class Mailbox : public QObject {
  Q_OBJECT
 public:
  using Delivery = std::function<void()>;

  explicit Mailbox(QObject* parent = nullptr);

  /// Any thread.
  void post(Delivery delivery);

 signals:
  void posted();  // private use: the wake-up, queued to the owner's thread

 private:
  void deliver();

  std::mutex m_mutex;
  std::deque<Delivery> m_deliveries;  // guarded by m_mutex
  bool m_woken = false;               // guarded by m_mutex: a wake-up is on its way
};

}  // namespace fovea::app
