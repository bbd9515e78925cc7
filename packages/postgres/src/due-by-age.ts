/**
 * Of a row of undone work, what an index over all of them is on; see the schema. It is written as an expression so that only
 * statements that name it go by it. Were it due_at itself, whoever looks for the oldest of one webhook would be led
 * through the backlog of all others, wherever Postgres believes that there is little of it.
 */
export const AGE = "(due_at AT TIME ZONE 'UTC')";

/** Holds where it is due; found by the same index. */
export const DUE_BY_AGE = `${AGE} <= (now() AT TIME ZONE 'UTC')`;
