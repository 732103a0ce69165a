/** Makes the library and command as one file. */
export declare const buildPushClient: (file: string) => Promise<void>;
