"""Large runs kept on disk: chunks that outlive an interruption, shards that merge, one result."""
