"""Imports contacts from CSV files: reading, mapping the columns, writing in batches.

lines     bytes -> lines of text with their places in the file
records   lines -> rows of cells, each with its line number or what is wrong with it
layout    what a file's beginning says: encoding, delimiter, header
columns   what the columns fill, guessed and checked
cells     the cells of a row -> values for a contact
batch     many rows -> contacts, in a fixed number of statements
files     keeps uploaded files in the database and deletes them
work      the job, step by step
report    the refused rows as a spreadsheet
"""
