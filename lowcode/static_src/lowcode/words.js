// What the workbench calls things. Everything here is shown as text, never as markup.
export const OPERATORS = {
  equals: () => pgettext("comparison", "is"),
  differs: () => pgettext("comparison", "is other than"),
  one_of: () => pgettext("comparison", "is one of"),
  none_of: () => pgettext("comparison", "is none of"),
  contains: () => pgettext("comparison", "contains"),
  starts_with: () => pgettext("comparison", "begins with"),
  ends_with: () => pgettext("comparison", "ends with"),
  less: () => pgettext("comparison", "is less than"),
  at_most: () => pgettext("comparison", "is at most"),
  more: () => pgettext("comparison", "is more than"),
  at_least: () => pgettext("comparison", "is at least"),
  between: () => pgettext("comparison", "is between"),
  missing: () => pgettext("comparison", "is missing"),
  present: () => pgettext("comparison", "is known"),
};

export const MEASURES = {
  rows: () => gettext("Number of rows"),
  share: () => gettext("Share of rows"),
  distinct: () => gettext("Distinct values"),
  mean: () => gettext("Mean"),
  median: () => gettext("Median"),
  minimum: () => gettext("Minimum"),
  maximum: () => gettext("Maximum"),
  sum: () => gettext("Sum"),
  deviation: () => gettext("Standard deviation"),
  quantile: () => gettext("Quantile"),
  spread: () => gettext("Spread (box plot)"),
  missing: () => gettext("Share missing"),
};

export const PERIODS = {
  year: () => gettext("by year"),
  quarter: () => gettext("by quarter"),
  month: () => gettext("by month"),
  week: () => gettext("by week"),
  day: () => gettext("by day"),
  hour: () => gettext("by hour"),
};

export const KINDS = {
  integer: { icon: "number-123", word: () => gettext("Whole number") },
  number: { icon: "decimal", word: () => gettext("Number") },
  text: { icon: "letter-case", word: () => gettext("Text") },
  boolean: { icon: "toggle-left", word: () => gettext("Yes or no") },
  date: { icon: "calendar", word: () => gettext("Date") },
  datetime: { icon: "calendar-clock", word: () => gettext("Date and time") },
};

export const CHARTS = {
  figure: { icon: "hash", word: () => gettext("Figures") },
  bar: { icon: "chart-bar", word: () => gettext("Bars") },
  grouped: { icon: "chart-bar-popular", word: () => gettext("Grouped bars") },
  histogram: { icon: "chart-histogram", word: () => gettext("Histogram") },
  line: { icon: "chart-line", word: () => gettext("Lines") },
  box: { icon: "chart-candle", word: () => gettext("Boxes") },
  scatter: { icon: "chart-dots", word: () => gettext("Scatter") },
  heatmap: { icon: "grid-dots", word: () => gettext("Heat map") },
  none: { icon: "table", word: () => gettext("Table only") },
};
