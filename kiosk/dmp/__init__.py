"""The DMP client: identities, VIHF, SOAP, HL7 v3, typed services, one method per transaction."""
