/** Longer than this is no pause: `sparesync off` says what is meant, and shows it as the state of both servers. */
export const longestPauseSeconds = 7 * 86_400;
