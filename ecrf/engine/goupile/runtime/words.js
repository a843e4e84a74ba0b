// What the runtime itself says on a form, in the language of the project.

const WORDS = {
  en: {
    yes: "Yes",
    no: "No",
    required: "An answer is required",
    requiredUnlessNoted: "An answer is required, or a status that says why there is none",
    number: "Not a valid number: too many decimals",
    digits: "Only digits are allowed",
    between: (low, high) => `Must be between ${low} and ${high}`,
    atLeast: (low) => `Must be at least ${low}`,
    atMost: (high) => `Must be at most ${high}`,
    none: "Not available",
  },
  fr: {
    yes: "Oui",
    no: "Non",
    required: "Une réponse est nécessaire",
    requiredUnlessNoted: "Une réponse est nécessaire, ou un statut qui dit pourquoi elle manque",
    number: "Nombre invalide\u00a0: trop de décimales",
    digits: "Seuls les chiffres sont admis",
    between: (low, high) => `Doit être entre ${low} et ${high}`,
    atLeast: (low) => `Doit être au moins ${low}`,
    atMost: (high) => `Doit être au plus ${high}`,
    none: "Non disponible",
  },
};

export const wordsOf = (language) => WORDS[String(language).slice(0, 2)] ?? WORDS.en;
