/** Topics that cannot be understood: words for people, and where it went wrong. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
  /** Of the first wrong character, counted from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} (at character ${position + 1})`);
    this.position = position;
  }
}
