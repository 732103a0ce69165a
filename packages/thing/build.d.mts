/** Makes the library and command as one file. */
export declare const buildThing: (file: string) => Promise<void>;
