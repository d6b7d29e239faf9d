//! Until when a promise is due: words of a turn read as an instant.
//!
//! Every word must be understood, else nothing is: a time is never guessed. Of a span the later end counts, and a day or a
//! part of it counts to its end: whoever promised "tomorrow" has until midnight.

mod words;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use words::{Number, Part, Token, Unit, tokens};

/// Nobody promises for later than this; a farther reading is a mistake.
const FARTHEST_DAYS: i64 = 400;
/// Afternoons end at six.
const AFTERNOON_ENDS: i8 = 18;
/// On another day an hour up to this one, said without morning or evening, is one of the afternoon: nobody delivers at night.
const AFTERNOON_HOURS: i64 = 7;

/// The instant that `due` means, said at `said` in the zone of the contact's city. None: it names no time, or in words that
/// are not understood, or one that had passed.
pub(super) fn instant(due: &str, said: &Zoned) -> Option<Timestamp> {
    let due_at = Reading::of(&tokens(due)?, said.date())?.instant(said)?;
    let farthest = said.timestamp().checked_add(SignedDuration::from_hours(FARTHEST_DAYS * 24)).ok()?;
    (due_at > said.timestamp() && due_at <= farthest).then_some(due_at)
}

/// What the words of a due time come to.
#[derive(Debug, Default)]
struct Reading {
    day: Option<Date>,
    clock: Option<Clock>,
    part: Option<Part>,
    minutes: i64,
    days: i64,
    working_days: i64,
    months: i64,
    after: bool,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: i64,
    minute: i64,
    /// By 24 hours, as digits have it unless a part of the day says otherwise; else one of twelve.
    exact: bool,
}

impl Reading {
    fn of(tokens: &[Token], today: Date) -> Option<Self> {
        let mut reading = Self::default();
        let mut rest = tokens;
        while let [first, after @ ..] = rest {
            rest = match *first {
                Token::Number(_) | Token::Half => reading.number(rest, today, tokens.len())?,
                Token::Clock(hour, minute) => {
                    reading.clock = Some(Clock { hour: hour.into(), minute: minute.into(), exact: true });
                    after
                }
                Token::Today => reading.on(today, after),
                Token::Tomorrow => reading.on(today.checked_add(1.day()).ok()?, after),
                Token::DayAfter => reading.on(today.checked_add(2.days()).ok()?, after),
                Token::Weekday(day) => reading.on(today.nth_weekday(1, day).ok()?, after),
                Token::Next => match *after {
                    [Token::Weekday(day), ref after @ ..] => reading.on(next_week(today, day)?, after),
                    _ => return None,
                },
                Token::Month(month) => match *after {
                    [Token::Number(day), ref after @ ..] => reading.on(date(today, month, day.value)?, after),
                    _ => return None,
                },
                // "минут десять", "минут шесть семь"
                Token::Unit(unit) => match *after {
                    [Token::Number(_), Token::Number(n), ref after @ ..] | [Token::Number(n), ref after @ ..]
                        if unit == Unit::Minute =>
                    {
                        reading.last(n.value, unit)?;
                        after
                    }
                    _ => {
                        reading.last(1, unit).filter(|()| unit != Unit::Month && unit != Unit::Year)?;
                        reading.minutes_behind(unit, after)
                    }
                },
                // "soat olti": o'clock
                Token::Hour => match *after {
                    [Token::Number(_) | Token::Clock(..), ..] => after,
                    _ => return None,
                },
                Token::HalfHour => {
                    reading.minutes += 30;
                    after
                }
                Token::OfDay if tokens.len() == 1 => reading.on(today, after),
                Token::OfDay => {
                    reading.clock?;
                    reading.part = Some(Part::Afternoon);
                    after
                }
                Token::Part(part) => {
                    reading.part = Some(part);
                    after
                }
                Token::End | Token::This => reading.end(rest, today)?,
                Token::After => {
                    reading.after = true;
                    after
                }
                Token::Range => after,
                Token::Working | Token::OClock | Token::Past | Token::To | Token::Filler => return None,
            };
        }
        Some(reading)
    }

    /// A day; of two the later. The word "day" behind it adds nothing.
    fn on<'a>(&mut self, day: Date, after: &'a [Token]) -> &'a [Token] {
        self.day = self.day.max(Some(day));
        match after {
            [Token::Unit(Unit::Day), rest @ ..] => rest,
            _ => after,
        }
    }

    /// "конца дня", "конца недели", "осы аптада".
    fn end<'a>(&mut self, rest: &'a [Token], today: Date) -> Option<&'a [Token]> {
        let (day, rest) = match *rest {
            [Token::End, Token::Tomorrow, Token::OfDay | Token::Unit(Unit::Day), ref rest @ ..]
            | [Token::End, Token::OfDay | Token::Unit(Unit::Day), Token::Tomorrow, ref rest @ ..] => {
                (today.checked_add(1.day()).ok()?, rest)
            }
            [Token::End, Token::OfDay | Token::Unit(Unit::Day), ref rest @ ..] => (self.day.unwrap_or(today), rest),
            [_, Token::Unit(Unit::Week), ref rest @ ..] => {
                (today.checked_add((6 - i64::from(today.weekday().to_monday_zero_offset())).days()).ok()?, rest)
            }
            [Token::End, Token::Unit(Unit::Month), ref rest @ ..] => (today.last_of_month(), rest),
            [Token::End, Token::Unit(Unit::Year), ref rest @ ..] => (today.last_of_year(), rest),
            [Token::This, Token::Part(_), ..] => (today, &rest[1..]),
            _ => return None,
        };
        Some(self.on(day, rest))
    }

    /// What begins with a number or a half: a date, so long, or a time of the clock.
    fn number<'a>(&mut self, rest: &'a [Token], today: Date, all: usize) -> Option<&'a [Token]> {
        use Token::{Half, Hour, Month, OClock, OfDay, Past, Range, To, Working};
        Some(match *rest {
            // how long
            [Half, Hour | Token::Unit(Unit::Hour), ref rest @ ..] => {
                self.minutes += 30;
                rest
            }
            [Token::Number(n), Half, Hour | Token::Unit(Unit::Hour), ref rest @ ..] => {
                self.minutes += n.value * 60 + 30;
                rest
            }
            [Token::Number(n), OfDay, ref rest @ ..] if !n.oblique => {
                self.last(n.value, Unit::Day)?;
                rest
            }
            [Token::Number(n), Working, Token::Unit(Unit::Day) | OfDay, ref rest @ ..] => {
                self.working_days += n.value;
                rest
            }
            [Token::Number(_), Range | To, Token::Number(n), Token::Unit(_) | Hour | OfDay | Working, ..] => {
                let later = [Token::Number(n)];
                let unit = &rest[3..];
                return self.number(&[&later[..], unit].concat(), today, all).is_some().then(|| past_unit(unit));
            }
            // "двадцать минут девятого"
            [Token::Number(m), Token::Unit(Unit::Minute), Token::Number(h), ref rest @ ..] if h.ordinal => {
                self.at(h.value - 1, m.value, rest)
            }
            [Token::Number(h), Token::Number(m), Token::Unit(Unit::Minute), ref rest @ ..] if h.past => {
                self.at(h.value, m.value, rest)
            }
            [Token::Number(low), Token::Number(n), Token::Unit(unit), ref rest @ ..]
                if low.value < n.value && n.value <= low.value * 2 =>
            {
                self.last(n.value, unit)?;
                rest
            }
            [Token::Number(n), Token::Unit(unit), ref rest @ ..] => {
                self.last(n.value, unit)?;
                self.minutes_behind(unit, rest)
            }
            [Token::Number(n), Hour, ref rest @ ..] => {
                self.last(n.value, Unit::Hour)?;
                self.minutes_behind(Unit::Hour, rest)
            }
            // which day
            [Token::Number(n), Month(month), ref rest @ ..]
            | [Token::Number(n), Range, Month(month), ref rest @ ..] => self.on(date(today, month, n.value)?, rest),
            [Half, Token::Number(h), ref rest @ ..] if h.ordinal => self.at(h.value - 1, 30, rest),
            [Token::Number(n), ref rest @ ..] if n.ordinal => self.on(day_of_month(today, n.value)?, rest),
            // what o'clock
            [Half, Past, Token::Number(h), ref rest @ ..] => self.at(h.value, 30, rest),
            [Token::Number(m), Past, Token::Number(h), ref rest @ ..] => self.at(h.value, m.value, rest),
            [Token::Number(m), To, Token::Number(h), ref rest @ ..] => self.at(h.value - 1, 60 - m.value, rest),
            [Token::Number(h), Half, ref rest @ ..] => self.at(h.value, 30, rest),
            [Token::Number(h), Token::Number(Number { value: 0, .. }), Token::Number(m), ref rest @ ..] => {
                self.at(h.value, m.value, rest)
            }
            [Token::Number(_), Range, Token::Number(h), ref rest @ ..] => self.at(h.value, 0, rest),
            [Token::Number(h), Token::Number(m), ref rest @ ..] if m.value >= 10 || m.value == 0 => {
                self.at(h.value, m.value, rest)
            }
            [Token::Number(_), Token::Number(_), ..] => return None,
            [Token::Number(h), OClock, ref rest @ ..] => self.at(h.value, 0, rest),
            [Token::Number(h), ref rest @ ..] if h.past && rest.is_empty() => {
                self.after = true;
                self.at(h.value, 0, rest)
            }
            [Token::Number(h), ref rest @ ..] if all > 1 || !h.bare => self.at(h.value, 0, rest),
            _ => return None,
        })
    }

    fn at<'a>(&mut self, hour: i64, minute: i64, rest: &'a [Token]) -> &'a [Token] {
        self.clock = Some(Clock { hour, minute, exact: hour > 12 || hour == 0 });
        rest
    }

    /// So many of a unit from now on.
    fn last(&mut self, n: i64, unit: Unit) -> Option<()> {
        match unit {
            Unit::Minute => self.minutes += n,
            Unit::Hour => self.minutes += n * 60,
            Unit::DayAndNight => self.minutes += n * 24 * 60,
            Unit::Day => self.days += n,
            Unit::Week => self.days += n * 7,
            Unit::Month => self.months += n,
            Unit::Year => return None,
        }
        Some(())
    }

    /// "час десять": a number behind an hour that has no unit of its own; "an hour and a half".
    fn minutes_behind<'a>(&mut self, unit: Unit, rest: &'a [Token]) -> &'a [Token] {
        match rest {
            [Token::Number(minutes)] if unit == Unit::Hour => {
                self.minutes += minutes.value;
                &[]
            }
            [Token::Half] if unit == Unit::Hour => {
                self.minutes += 30;
                &[]
            }
            _ => rest,
        }
    }

    fn instant(&self, said: &Zoned) -> Option<Timestamp> {
        let lasts = [self.minutes, self.days, self.working_days, self.months];
        let kinds = lasts.iter().filter(|n| **n != 0).count();
        if kinds > 0 {
            let alone = kinds == 1 && self.clock.is_none() && self.part.is_none() && !self.after;
            let whole = lasts.iter().all(|n| (0..=100_000).contains(n));
            let now = self.day.is_none_or(|day| day == said.date());
            return if alone && whole && now { self.counted_on(said) } else { None };
        }
        let today = said.date();
        let Some(day) = self.day else { return self.next(said) };
        if self.after {
            return end_of(day, said);
        }
        match (self.clock, self.part) {
            (None, None) => end_of(day, said),
            (None, Some(part)) => end_of_part(day, part, said),
            (Some(clock), Some(part)) => at(day, clock.in_part(part)?, clock.minute, said),
            (Some(clock), None) if clock.exact => at(day, clock.hour, clock.minute, said),
            (Some(clock), None) if day == today => {
                let hours = [clock.hour, clock.hour + 12];
                hours.iter().filter_map(|hour| at(day, *hour, clock.minute, said)).find(|it| *it > said.timestamp())
            }
            (Some(clock), None) => at(day, clock.on_another_day(), clock.minute, said),
        }
    }

    fn counted_on(&self, said: &Zoned) -> Option<Timestamp> {
        if self.minutes > 0 {
            return said.timestamp().checked_add(SignedDuration::from_mins(self.minutes)).ok();
        }
        let mut day = said.date().checked_add(self.months.months().days(self.days)).ok()?;
        for _ in 0..self.working_days.min(FARTHEST_DAYS) {
            day = day.tomorrow().ok()?;
            while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                day = day.tomorrow().ok()?;
            }
        }
        end_of(day, said)
    }

    /// The next time that it is so, where no day is named.
    fn next(&self, said: &Zoned) -> Option<Timestamp> {
        let (today, tomorrow) = (said.date(), said.date().tomorrow().ok()?);
        let on = |day: Date| match (self.clock, self.part) {
            (Some(clock), Some(part)) => at(day, clock.in_part(part)?, clock.minute, said),
            (Some(clock), None) => at(day, clock.hour, clock.minute, said),
            (None, Some(part)) => end_of_part(day, part, said),
            (None, None) => None,
        };
        let twelve = self.clock.filter(|clock| self.part.is_none() && !clock.exact);
        let later = twelve.and_then(|clock| at(today, clock.hour + 12, clock.minute, said));
        let tomorrow = match twelve {
            Some(clock) => at(tomorrow, clock.on_another_day(), clock.minute, said),
            None => on(tomorrow),
        };
        let next = [on(today), later, tomorrow].into_iter().flatten().find(|it| *it > said.timestamp())?;
        if self.after { end_of(next.to_zoned(said.time_zone().clone()).date(), said) } else { Some(next) }
    }
}

impl Clock {
    /// The hour by 24 where nothing says which half of the day it is in.
    fn on_another_day(self) -> i64 {
        if self.hour <= AFTERNOON_HOURS { self.hour + 12 } else { self.hour }
    }

    /// The hour by 24 where the part of the day is said.
    fn in_part(self, part: Part) -> Option<i64> {
        match part {
            _ if self.hour > 12 || self.hour == 0 => Some(self.hour),
            Part::Morning => Some(self.hour),
            Part::Noon | Part::Afternoon => Some(self.on_another_day()),
            Part::Evening => (self.hour < 12).then_some(self.hour + 12),
            Part::Night if self.hour >= 8 => Some(self.hour + 12),
            Part::Night => self.exact.then_some(self.hour),
            Part::Midnight => None,
        }
    }
}

/// Behind a unit and what stands before it.
fn past_unit(rest: &[Token]) -> &[Token] {
    match rest {
        [Token::Working, _, rest @ ..] | [_, rest @ ..] => rest,
        [] => rest,
    }
}

/// 24:00 is the midnight that ends the day.
fn at(day: Date, hour: i64, minute: i64, said: &Zoned) -> Option<Timestamp> {
    if hour == 24 && minute == 0 {
        return end_of(day, said);
    }
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
    Some(DateTime::from_parts(day, time).to_zoned(said.time_zone().clone()).ok()?.timestamp())
}

fn end_of(day: Date, said: &Zoned) -> Option<Timestamp> {
    at(day.tomorrow().ok()?, 0, 0, said)
}

fn end_of_part(day: Date, part: Part, said: &Zoned) -> Option<Timestamp> {
    match part {
        Part::Morning | Part::Noon => at(day, 12, 0, said),
        Part::Afternoon => at(day, AFTERNOON_ENDS.into(), 0, said),
        Part::Evening | Part::Night | Part::Midnight => end_of(day, said),
    }
}

/// The next time that this date comes.
fn date(today: Date, month: i8, day: i64) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let this_year = Date::new(today.year(), month, day).ok().filter(|date| *date >= today);
    this_year.or_else(|| Date::new(today.year() + 1, month, day).ok())
}

fn day_of_month(today: Date, day: i64) -> Option<Date> {
    let of = |first: Date| Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok();
    of(today).filter(|date| *date >= today).or_else(|| of(today.first_of_month().checked_add(1.month()).ok()?))
}

fn next_week(today: Date, day: Weekday) -> Option<Date> {
    let back = i64::from(today.weekday().to_monday_zero_offset());
    today.checked_add((7 - back + i64::from(day.to_monday_zero_offset())).days()).ok()
}

#[cfg(test)]
mod tests;
