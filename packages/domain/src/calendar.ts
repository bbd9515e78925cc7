const DAY_SECONDS = 24 * 60 * 60;

/** ms since 1970 of a moment in UTC; undefined when there is no such day or time. `month`: `Jan` …; `time`: `23:59:59`. */
export function momentMs(moment: { year: number; month: string; day: number; time: string }): number | undefined {
  const [hour = 24, minute = 60, second = 61] = moment.time.split(':').map(Number);
  const days = dayNumber(moment.year, MONTHS.indexOf(moment.month), moment.day);
  const seconds = secondOfDay(hour, minute, second);
  return days === undefined || seconds === undefined ? undefined : (days * DAY_SECONDS + seconds) * 1000;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** What the sum in {@link dayNumber} comes to on 1970-01-01. */
const FIRST_OF_1970 = 1970 * 365 + 477 + 1;

/** Days from 1970-01-01 to a day of the Gregorian calendar, `month` from 0; undefined when there is no such day. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  const leapDay = isLeapYear(year) ? 1 : 0;
  const daysInMonth = (MONTH_DAYS[month] ?? 0) + (month === 1 ? leapDay : 0);
  if (day < 1 || day > daysInMonth) return undefined;
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) + (month > 1 ? leapDay : 0);
  const daysBeforeMonth = MONTH_DAYS.slice(0, month).reduce((sum, days) => sum + days, 0);
  return year * 365 + leapDays + daysBeforeMonth + day - FIRST_OF_1970;
}

/** 60 is the leap second. */
function secondOfDay(hour: number, minute: number, second: number): number | undefined {
  return hour < 24 && minute < 60 && second <= 60 ? hour * 3600 + minute * 60 + second : undefined;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
