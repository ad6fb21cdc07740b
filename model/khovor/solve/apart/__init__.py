"""Programs with too many futures to be held whole: decisions in one program, each future's operation in its own."""
