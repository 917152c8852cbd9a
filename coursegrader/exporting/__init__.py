"""What do other systems read?"""
