//! Signatures with the real `ssh-keygen`, and every kind of damage, made by script from a good ledger.

mod adversary;
mod attestation;
mod beginnings;
mod bytes;
mod damages;
mod kit;
mod policies;
mod relaxed;
mod replaced;
mod signing;
mod timestamps;
