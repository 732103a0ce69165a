/** Wraps a result as published clients expect it. @param message for people */
export const ok = <T>(result: T, message = 'OK') => ({
  status: 'OK' as const,
  code: 200 as const,
  messages: [{ key: 'message', value: message }],
  result,
});
