//! What a pool promises to traders and to itself.
