"""Types of the synthetic documents, by the name used here."""

from kiosk.training.documents.draft import Kind

_REPORT, _SUMMARY, _IMAGING = ("10", "Compte rendu"), ("11", "Synthèse"), ("31", "Imagerie médicale")
_PRESCRIPTION, _CERTIFICATE = ("42", "Prescription"), ("52", "Certificat, déclaration")
_PATIENT = ("90", "Autres documents déposés par le patient")

BIOLOGY = Kind("11502-2", "CR d'examens biologiques", *_REPORT)
CONSULTATION = Kind("11488-4", "CR ou fiche de consultation ou de visite", *_REPORT)
DISCHARGE = Kind("11490-0", "Lettre de liaison à la sortie d'un établissement de soins", *_REPORT)
EMERGENCY = Kind("15507-7", "CR de passage aux urgences", *_REPORT)
SURGERY = Kind("34874-8", "CR opératoire", *_REPORT)
NURSING = Kind("11506-3", "CR ou fiche de suivi de soins par auxiliaire médical", *_REPORT)
REFERRAL = Kind("96349-6", "Lettre d'adressage", *_REPORT)
SUMMARY = Kind("60591-5", "Synthèse médicale", *_SUMMARY)
MEDICATION_REVIEW = Kind("56445-0", "Bilan médicamenteux (Officine)", *_SUMMARY)
IMAGING = Kind("18748-4", "CR d'imagerie médicale", *_IMAGING)
PICTURE = Kind("52040-3", "Document encapsulant une image d'illustration non DICOM", *_IMAGING)
PRESCRIPTION = Kind("57833-6", "Prescription de produits de santé", *_PRESCRIPTION)
LAB_ORDER = Kind("PRESC-BIO", "Prescription d'actes de biologie médicale", *_PRESCRIPTION)
DISPENSATION = Kind("60593-1", "Dispensation médicamenteuse", "43", "Dispensation")
CARE_PLAN = Kind("PROT_ALD", "Protocole de soins ALD", "44", "Plan de soins, protocole de soins")
CERTIFICATE = Kind("CERT_DECL", "Certificat, déclaration", *_CERTIFICATE)
VACCINATIONS = Kind("11369-6", "Historique des vaccinations", *_CERTIFICATE)
VACCINATION = Kind("87273-9", "Note de vaccination", *_CERTIFICATE)
REIMBURSEMENTS = Kind("REMB", "Données de remboursement", "60", "Données de remboursement")
WISHES = Kind("EXPPAT_1", "Volontés et droits du patient", *_PATIENT)
FROM_PATIENT = Kind("EXPPAT_2", "Autre document du patient", *_PATIENT)
DIRECTIVES = Kind("EXPPAT_3", "Directives anticipées", *_PATIENT)
TREATMENT_FROM_PATIENT = Kind(
    "DOCPAT02", "Traitement ou document de soins déposé par le patient", *_PRESCRIPTION
)
IMAGES = Kind("IMG-KOS", "Reference d'objets d'un examen d'imagerie", *_IMAGING)
UNHEARD_OF = Kind("99999-0", "Type inconnu", *_REPORT)

PDF = "urn:ihe:iti:xds-sd:pdf:2008"
TEXT = "urn:ihe:iti:xds-sd:text:2008"
RTF = "urn:ihe:iti-fr:xds-sd:rtf:2010"
JPEG = "urn:ihe:iti-fr:xds-sd:jpeg:2010"
TIFF = "urn:ihe:iti-fr:xds-sd:tiff:2010"
LAB = "urn:ihe:lab:xd-lab:2008"
VSM = "urn:asip:ci-sis:vsm:2012"
IMMUNISATIONS = "urn:ihe:pcc:ic:2009"  # [likely]
CHILD = "urn:asip:ci-sis:cse-cs8:2012"  # [likely]
KOS = "1.2.840.10008.5.1.4.1.1.88.59"  # [likely]: the class of key object selections
