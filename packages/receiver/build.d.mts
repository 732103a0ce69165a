/** Makes the library and command as one file. */
export declare const buildReceiver: (file: string) => Promise<void>;
