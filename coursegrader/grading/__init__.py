"""Who is graded in which order, and where is it kept?"""
