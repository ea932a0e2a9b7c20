// Words for when something happened, as a list of chats shows it: a time today, a weekday this week, a date
// before. Pure functions of their arguments and the default locale; any thread.
#pragma once

#include <QDateTime>
#include <QString>

namespace fovea::ui {

/// Short label for `when` as seen at `now`: "14:05", "Tue", "3 May" or "3 May 2024". Empty for an invalid
/// time.
[[nodiscard]] QString dateLabel(const QDateTime& when, const QDateTime& now);

/// Heading under which a list groups `when`: "Today", "Yesterday", "Previous 7 days" or "Older".
[[nodiscard]] QString dateSection(const QDateTime& when, const QDateTime& now);

/// When a message was written: the time when that was today, date and time otherwise.
[[nodiscard]] QString timeLabel(const QDateTime& when, const QDateTime& now);

}  // namespace fovea::ui
