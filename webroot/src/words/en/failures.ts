// The failure catalogue: the server speaks English itself, see codes.ts.
export {};
