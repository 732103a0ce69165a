-- While a download has the private key in it, no other one may: the key is given out once.
ALTER TABLE things ADD COLUMN key_claimed_until timestamptz(3);
