/** Something the doctor saw. */
export interface Finding {
  /** What was looked at. */
  about: string;
  /** `problem`: a process would not start, or a promise would not be kept. `warning`: it works, but somebody should know. */
  level: 'problem' | 'warning' | 'fine';
  found: string;
  /** What to do about it. */
  cure: string | null;
}

export type Level = Finding['level'];

/** What looks at one thing. It may find nothing. */
export type Look = () => Promise<Finding[]>;
