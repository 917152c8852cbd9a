"""With what does a new course begin? Templates, and what fills them in."""
