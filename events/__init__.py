"""What we put on, when and where: seminars, labs, meetings; their agenda, speakers, materials, calendars."""
