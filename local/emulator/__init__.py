"""The emulator of AWS that the local stage runs on."""
