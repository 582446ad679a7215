"""Pictures: this project beside the libraries people install for thumbnails, on the same files."""
