"""What messages of ISO 20022 share: camt.053, pain.001 and pain.002.

Source: the message definitions of ISO 20022, and Russian practice for INN, KPP, BIC, UIN and fields of the budget.

    references     how long a reference may be, and the word for none
    dates          dates and moments
    cut_texts      texts that are cut into elements, put together again
    xml_writing    elements as text
    parties, remittance, tax    parts of a message that are the same in all of them
"""
