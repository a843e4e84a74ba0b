// What can go wrong with a repository, in words a person can act on; `kind` is for programs (backup/engine/errors.py).

/** The root of everything the engine throws on purpose. */
export class BackupError extends Error {
  kind = "error";
  /** What goes through postMessage, where the classes of errors are lost. */
  get plain() {
    return { ...this, kind: this.kind, message: this.message };
  }
}

/** An object isn't what was written: changed, cut, swapped, replayed or forged. */
export class Damaged extends BackupError {
  kind = "damaged";
  constructor(object, why) {
    super(`${object}: ${why}`);
    Object.assign(this, { object, why });
  }
}

/** The store has no object of this name. */
export class Missing extends BackupError {
  kind = "missing";
  constructor(object) {
    super(`${object} isn't in the store`);
    this.object = object;
  }
}

/** The store doesn't answer, or broke off. */
export class Unreachable extends BackupError {
  kind = "unreachable";
}

/** The store refuses: the session has ended, or its person may not do this. */
export class Denied extends BackupError {
  kind = "denied";
}

/** This key can't do what is asked, or isn't a key of this repository. */
export class KeyRefused extends BackupError {
  kind = "key-refused";
}

/** The file isn't a whole keyfile, or what was typed isn't a key. */
export class BadKeyfile extends BackupError {
  kind = "bad-keyfile";
}

/** The keyfile is protected: no passphrase was given, or a wrong one. */
export class PassphraseNeeded extends BackupError {
  kind = "passphrase-needed";
}

/** More than this browser can hold or do. */
export class TooLarge extends BackupError {
  kind = "too-large";
}

/** Somebody asked for the end of it. */
export class Stopped extends BackupError {
  kind = "stopped";
}

const KINDS = {
  error: BackupError, damaged: Damaged, missing: Missing, unreachable: Unreachable, denied: Denied,
  "key-refused": KeyRefused, "bad-keyfile": BadKeyfile, "passphrase-needed": PassphraseNeeded, "too-large": TooLarge, stopped: Stopped,
};

/** The error again that `plain` was made of. */
export function revived({ kind, message, ...rest }) {
  const error = Object.assign(new Error(message), rest, { kind });
  return Object.setPrototypeOf(error, (KINDS[kind] ?? BackupError).prototype);
}
