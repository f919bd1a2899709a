"""What people do with z: sample it, walk between clips, reconstruct."""
