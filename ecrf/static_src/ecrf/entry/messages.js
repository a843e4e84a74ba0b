// Every code of the engine in words. The twin of ecrf/messages.py.

const WORDS = {
  required: () => gettext("Fill in this field."),
  unknown_variable: () => gettext("This form has no such field."),
  not_text: () => gettext("Write a text here."),
  not_whole: () => gettext("Write a whole number, for example 12."),
  not_number: () => gettext("Write a number, for example 12.5."),
  not_date: () => gettext("Write a date that exists."),
  not_datetime: () => gettext("Write a date that exists and a time."),
  not_time: () => gettext("Write a time between 00:00 and 23:59."),
  not_partial_date: () => gettext("Write a year, a month of a year or a date: 2026, 2026-05 or 2026-05-17."),
  not_digits: () => gettext("Write digits only."),
  bad_pattern_text: () => gettext("This isn’t written as it should be."),
  not_offered: () => gettext("This choice doesn’t go with the other answers."),
  ranked_twice: () => gettext("“%(choice)s” is given to another line too: each rank is given once."),
  too_few_ticked: () => gettext("Tick at least %(limit)s."),
  too_few_rows: () => gettext("At least %(limit)s rows are needed."),
  too_many_rows: () => gettext("At most %(limit)s rows."),
  unknown_choice: () => gettext("“%(choice)s” is not one of the choices."),
  exclusive_choice: () => gettext("One of these choices excludes the others: untick it, or the others."),
  too_many_ticked: () => gettext("Tick at most %(limit)s."),
  too_long: () => gettext("This is too long: %(limit)s characters at most."),
  too_large: () => gettext("This number is too large."),
  too_many_decimals: () => gettext("At most %(limit)s decimals."),
  one_line_only: () => gettext("Write this on one line."),
  control_character: () => gettext("This text holds characters that can’t be shown: type it again."),
  bad_format: () => gettext("This isn’t written as expected (%(format)s)."),
  below_min: () => gettext("This is below %(limit)s: check the value."),
  above_max: () => gettext("This is above %(limit)s: check the value."),
  retired_choice: () => gettext("This choice is no longer offered."),
  hidden_value: () => gettext("This value is kept, but the answers given hide its question."),
  check_failed: () => gettext("This doesn’t agree with other answers."),
};

/** What to tell about a finding: the author's words for a check, ours otherwise. `spell` shows values as people read them. */
export function message(finding, text, spell) {
  const own = finding.message && text(finding.message);
  if (own) return own;
  const words = (WORDS[finding.code] ?? (() => gettext("This value can’t be used.")))();
  const params = { ...finding.params };
  if ("limit" in params) params.limit = spell(String(params.limit));
  return interpolate(words, params, true);
}
