"""Sheets handed to the patient: layout, PDF/A, IPP from memory, follow-up of the job."""
